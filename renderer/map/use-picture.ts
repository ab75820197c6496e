// SPDX-License-Identifier: GPL-2.0-or-later
import { computed, watch, type ComputedRef, type Ref } from 'vue'
import { useHosts } from '../stores/hosts.ts'
import { useHues, type HueSpace } from '../stores/hues.ts'
import { useLink } from '../stores/link.ts'
import { useMapView } from '../stores/map-view.ts'
import { usePool } from '../stores/pool.ts'
import { readLog } from '../stores/pool-reads.ts'
import { usePreferences } from '../stores/preferences.ts'
import { classify, classifyRuns, kindsOf, toneColour, type Classes } from './categories.ts'
import { UNLISTED, type Marked, type Picture, type Tints } from './cells.ts'
import { mixed, pixelOf, readPalette, type Palette } from './palette.ts'
import { Runs } from './runs.ts'

/** The colours of now. */
export function usePalette(): ComputedRef<Palette> {
  const preferences = usePreferences()
  return computed(() => {
    void preferences.colours
    return readPalette(document.documentElement)
  })
}

/** A category as the legend shows it. */
export interface LegendItem {
  readonly key: string
  readonly title: string
  readonly colour: string
  /** null: not known */
  readonly pages: number | null
  /** allocations, or runs of an overlay; null: it has none */
  readonly count: number | null
  /** there may be more than these numbers say */
  readonly atLeast?: boolean
}

export function tintsOf(items: readonly LegendItem[], only: ReadonlySet<string> | null, { ground }: Palette): Tints {
  const dim = (colour: string): number => pixelOf(mixed(colour, ground, 0.82))
  return {
    colours: Uint32Array.from(items, ({ colour }) => pixelOf(colour)),
    dimmed: Uint32Array.from(items, ({ colour }) => dim(colour)),
    shown: Uint8Array.from(items, ({ key }) => (only === null || only.has(key) ? 1 : 0))
  }
}

export function markedOf(runs: Runs, categories: Uint8Array): Marked {
  return { starts: runs.starts, ends: runs.ends, categories, reaching: (page) => runs.reaching(page) }
}

/** What the map of the pool in view shows, by its way of colouring: the picture and its legend. */
export function usePicture(palette: Ref<Palette>): {
  picture: ComputedRef<Picture | null>
  items: ComputedRef<readonly LegendItem[]>
} {
  const pool = usePool()
  const view = useMapView()
  const hosts = useHosts()

  const isOverlay = computed(() => view.colour === 'change' || view.colour === 'diagnosis')
  const times = (): { now: number; bootId: string; log: typeof pool.log } => ({
    now: Date.now(),
    bootId: hosts.byId(pool.key?.host ?? null)?.info?.bootId ?? '',
    log: view.colour === 'age' || view.colour === 'boot' ? view.log : []
  })
  // ages and boots of what has no record are told by the log alone, which is read for them
  const link = useLink()
  watch(
    [() => view.colour === 'age' || view.colour === 'boot', () => pool.info?.sequence],
    async ([wanted]) => {
      const { key } = pool
      if (!wanted || !key) return
      const newest = view.log[0]?.sequence ?? 0
      const read = await readLog(link.request, key, newest).catch(() => null) // as unknown as before
      if (!read || pool.key !== key) return
      view.log = [...read.entries, ...(read.whole && (view.log[0]?.sequence ?? 0) === newest ? view.log : [])]
    },
    { immediate: true }
  )
  const hues = useHues()
  const space = computed<HueSpace | null>(() =>
    view.colour === 'owner' || view.colour === 'boot' ? view.colour : null
  )
  watch(
    [space, () => pool.allocations, () => view.log],
    ([of, list]) => {
      if (of && pool.key) hues.give(of, pool.key.pool, kindsOf(of, list, times().log))
    },
    { immediate: true, flush: 'sync' }
  )
  const classes = computed<Classes>(() => {
    if (view.colour === 'change' || view.colour === 'diagnosis') {
      const of = new Uint8Array(pool.allocations.length).fill(UNLISTED)
      return { of, categories: [] }
    }
    const given = space.value ? hues.of(space.value, pool.key?.pool ?? '') : []
    return classify(view.colour, pool.allocations, view.only, times(), given)
  })
  const overRuns = computed(() => (view.overlay?.colour === view.colour ? new Runs(view.overlay.runs) : null))
  const overClasses = computed(() => (overRuns.value ? classifyRuns(overRuns.value.list, view.only) : null))

  /** In the order of the category numbers: the four that are always there, then its own. */
  const all = computed<readonly LegendItem[]>(() => {
    const usage = pool.info?.usage
    const own = overClasses.value?.categories ?? classes.value.categories
    const listed = isOverlay.value ? 0 : own.reduce((sum, { pages }) => sum + pages, 0)
    const rest = usage ? Math.max(0, usage.pagesAllocated - listed) : null
    return [
      { key: 'free', title: 'free', colour: palette.value.free, pages: usage?.pagesFree ?? null, count: null },
      {
        key: 'metadata',
        title: 'metadata',
        colour: palette.value.metadata,
        pages: usage?.pagesMetadata ?? null,
        count: null
      },
      { key: 'bad', title: 'bad', colour: palette.value.bad, pages: usage?.pagesBad ?? null, count: null },
      {
        key: 'unlisted',
        title: isOverlay.value ? 'allocated' : 'not listed',
        colour: palette.value.unlisted,
        pages: rest,
        count: null
      },
      ...own.map(({ key, title, tone, pages, count }) => ({
        key,
        title,
        colour: toneColour(tone, palette.value),
        pages,
        count,
        atLeast: isOverlay.value && view.overlay?.cut === true
      }))
    ]
  })
  const items = computed(() => {
    const [free, metadata, bad, unlisted, ...own] = all.value
    const hasRest = isOverlay.value || (pool.listedTo !== null && pool.listedTo > 0)
    return [free!, ...own, ...(hasRest ? [unlisted!] : []), bad!, metadata!]
  })

  const tints = computed(() => tintsOf(all.value, view.only, palette.value))
  const picture = computed<Picture | null>(() => {
    const { tiles } = pool
    if (!tiles) return null
    return {
      flags: (level, first, count) => tiles.cells(level, first, count),
      allocations: markedOf(pool.runs, classes.value.of),
      over: overRuns.value && overClasses.value && markedOf(overRuns.value, overClasses.value.of),
      tints: tints.value
    }
  })
  return { picture, items }
}
