// SPDX-License-Identifier: GPL-2.0-or-later
import { computed, type Ref } from 'vue'
import type { LabError, PageParams } from '@api'
import { useAction } from '../composables/use-action.ts'
import { plural } from '../composables/format.ts'
import { useCommand } from '../composables/use-command.ts'
import { useBookmarks } from '../stores/bookmarks.ts'
import { useCommands, type Command } from '../stores/commands.ts'
import { useLink } from '../stores/link.ts'
import { mapColours, useMapView, type MapFind } from '../stores/map-view.ts'
import { useNotices } from '../stores/notices.ts'
import { usePool } from '../stores/pool.ts'
import { Runs, type Run } from './runs.ts'

type Direction = 'next' | 'previous'

interface Wanted {
  readonly cursor: Ref<number | null>
  readonly bookmark: () => void
  /** to the field that takes an address or a name */
  readonly goTo: () => void
  /** bring these pages into view, with the cursor on the first; a range when there are several that are no allocation */
  readonly go: (page: number, pages: number) => void
}

export const colourTitles: Readonly<Record<(typeof mapColours)[number], string>> = {
  state: 'State',
  owner: 'Owner',
  order: 'Order',
  age: 'Age',
  boot: 'Boot',
  change: 'Change since a snapshot',
  diagnosis: 'Diagnosis'
}

export const findTitles: Readonly<Record<MapFind, string>> = {
  allocation: 'allocation',
  free: 'free run',
  bad: 'bad page',
  change: 'change',
  bookmark: 'bookmark'
}
const findKeys: Readonly<Record<MapFind, readonly [next: string, previous: string] | null>> = {
  allocation: [']', '['],
  free: ['}', '{'],
  bad: ['>', '<'],
  change: ['.', ','],
  bookmark: null
}

/** The neighbour of a page among sorted runs, by where they begin. */
export function neighbour<R extends Run>(runs: Runs<R>, page: number, direction: Direction): R | null {
  const index = direction === 'next' ? runs.from(page + 1) : runs.from(page) - 1
  return runs.list[index] ?? null
}

/** Going to and finding what is on the map, as commands. */
export function useMapCommands(wanted: Wanted): { error: Readonly<Ref<LabError | null>> } {
  const pool = usePool()
  const map = useMapView()
  const link = useLink()
  const notices = useNotices()
  const bookmarks = useBookmarks()
  const line = useCommand()
  const changes = computed(() => new Runs(map.overlay?.runs ?? []))

  async function ask(what: PageParams<'pool/find'>['what'], from: number, direction: Direction): Promise<Run | null> {
    const pages = what === 'free' ? map.freePages : 1
    const { key } = pool
    if (!key || from < 0 || from >= (pool.info?.pages ?? 0)) return null
    return (await link.request('pool/find', { ...key, what, from, direction, pages })).found
  }
  /** Past the one that the cursor stands in. */
  async function beyond(what: 'free' | 'bad', direction: Direction): Promise<Run | null> {
    const at = wanted.cursor.value
    if (direction === 'previous') return ask(what, (at ?? pool.info?.pages ?? 0) - 1, direction)
    const found = await ask(what, at ?? 0, direction)
    return found && found.page === at ? ask(what, found.page + found.pages, direction) : found
  }
  async function find(what: MapFind, direction: Direction): Promise<Run | null> {
    const at = wanted.cursor.value ?? -1
    if (what === 'free' || what === 'bad') return beyond(what, direction)
    if (what === 'change') return neighbour(changes.value, at, direction)
    if (what === 'bookmark') {
      const places = new Runs(bookmarks.list.map(({ page }) => ({ page, pages: 1 })))
      return neighbour(places, at, direction)
    }
    const listed = neighbour(pool.runs, at, direction)
    return (
      listed ?? (pool.listedTo === null ? null : ask('allocation', direction === 'next' ? at + 1 : at - 1, direction))
    )
  }

  const act = useAction(async (what: MapFind, direction: Direction) => {
    const { key } = pool
    const found = await find(what, direction)
    if (pool.key !== key) return // another pool is in view by now
    if (!found) {
      if (what === 'change' && map.overlay?.cut)
        return notices.say(`There is no ${direction} change among those that were told; there may be more.`)
      const long = what === 'free' && map.freePages > 1 ? ` of ${plural(map.freePages, 'page')}` : ''
      return notices.say(`There is no ${direction} ${findTitles[what]}${long}.`)
    }
    const isRun = what === 'free' || what === 'bad'
    wanted.go(found.page, isRun ? found.pages : 0)
    if (what === 'allocation') pool.selectedPage = found.page
    else if (what === 'change') map.range = { from: found.page, to: found.page + found.pages }
  })

  const finds = (Object.keys(findTitles) as MapFind[]).flatMap((what) =>
    (['next', 'previous'] as const).map((direction): Command => {
      const keys = findKeys[what]
      const key = keys?.[direction === 'next' ? 0 : 1]
      return {
        id: `map-${direction}-${what}`,
        title: `${direction === 'next' ? 'Next' : 'Previous'} ${findTitles[what]}`,
        group: 'Map',
        ...(key !== undefined && { keys: [key] }),
        refusal: () =>
          what === 'change' && changes.value.length === 0
            ? 'Nothing is shown over the map: choose a snapshot or a verdict as colours first.'
            : what === 'bookmark' && bookmarks.list.length === 0
              ? 'There is no bookmark in this pool.'
              : null,
        run: () => act.run(what, direction)
      }
    })
  )
  useCommands([
    { id: 'map-go-to', title: 'Go to a page, address or name …', group: 'Map', keys: ['g'], run: wanted.goTo },
    { id: 'map-bookmark', title: 'Bookmark here, or not', group: 'Map', keys: ['b'], run: wanted.bookmark },
    ...finds,
    {
      id: 'map-all-categories',
      title: 'Show all categories of the legend',
      group: 'Map',
      refusal: () => (map.only ? null : 'All are shown.'),
      run: () => (map.only = null)
    },
    ...mapColours.map((colour): Command => ({
      id: `map-colour-${colour}`,
      title: `Colour by ${colourTitles[colour].toLowerCase()}`,
      group: 'Map',
      paletteOnly: true,
      run: () => map.setColour(colour)
    })),
    {
      id: 'map-drop-range',
      title: 'Drop the range',
      group: 'Map',
      refusal: () => (map.range ? null : 'No range is chosen.'),
      run: () => (map.range = null),
      line: () => (map.range ? line('pool range', [pool.info?.uuid ?? 'POOL', map.range.from, map.range.to]) : null)
    }
  ])
  return { error: act.error }
}
