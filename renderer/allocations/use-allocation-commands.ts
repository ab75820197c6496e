// SPDX-License-Identifier: GPL-2.0-or-later
import { computed } from 'vue'
import type { Allocation } from '@api'
import { copyText } from '../composables/copy-text.ts'
import { pageBytes, plural } from '../composables/format.ts'
import { useCommand } from '../composables/use-command.ts'
import type { Command } from '../stores/commands.ts'
import { useContents } from '../stores/contents.ts'
import { useDialogs } from '../stores/dialogs.ts'
import { useInspector } from '../stores/inspector.ts'
import { useMapView } from '../stores/map-view.ts'
import { useNotices } from '../stores/notices.ts'
import { usePool } from '../stores/pool.ts'
import { fileNameOf, wordOf } from './copy-forms.ts'
import { useAllocationList } from './list-store.ts'
import { pickFile } from './pick-file.ts'
import { useSelection } from './selection-store.ts'
import { useCopyForms } from './use-copy-forms.ts'

const mostLines = 50

/** Every act on the allocations that are chosen, wherever the page is. */
export function useAllocationCommands(): () => readonly Command[] {
  const acts = useActs()
  const copies = useCopies()
  const all = computed(() => [...acts, ...copies.value])
  return () => all.value
}

/** Why an act cannot be done now, by what it needs. */
export function useRefusals(): Record<'change' | 'one' | 'some' | 'changeOne' | 'changeSome', () => string | null> {
  const pool = usePool()
  const selection = useSelection()
  const reach = (): string | null =>
    !pool.info ? 'No pool is in view.' : pool.reachable ? null : 'The host is not connected.'
  const change = (): string | null =>
    reach() ?? (pool.changeable ? null : 'This pool can only be read: it is read-only or degraded.')
  const some = (): string | null => (pool.selected ? null : 'No allocation is selected.')
  const one = (): string | null =>
    some() ?? (selection.chosen.length === 1 ? null : 'It is for one allocation; several are chosen.')
  return {
    change,
    one: () => reach() ?? one(),
    some: () => reach() ?? some(),
    changeOne: () => change() ?? one(),
    changeSome: () => change() ?? some()
  }
}

function useActs(): Command[] {
  const dialogs = useDialogs()
  const pool = usePool()
  const map = useMapView()
  const selection = useSelection()
  const list = useAllocationList()
  const contents = useContents()
  const inspector = useInspector()
  const commandFor = useCommand()
  const refuse = useRefusals()

  const uuid = (): string => pool.info?.uuid ?? 'POOL'
  const of = (): { host: string; pool: string } => pool.key ?? { host: '', pool: '' }
  const only = (): Allocation | null => selection.chosen[0] ?? null
  const lines = (lineOf: (word: string, allocation: Allocation | null) => string): string => {
    const chosen = selection.chosen
    if (chosen.length === 0) return lineOf('ALLOCATION', null)
    const shown = chosen.slice(0, mostLines).map((each) => lineOf(wordOf(each), each))
    const more = chosen.length - shown.length
    return [...shown, ...(more > 0 ? [`# and ${plural(more, 'more allocation')}`] : [])].join('\n')
  }
  const noRange = (): string | null => (map.range ? null : 'No range is chosen on the map.')

  async function writeFile(): Promise<void> {
    const [to, key] = [only(), of()]
    const file = await pickFile()
    if (to && file) await contents.write({ ...key, page: to.page }, to, file)
  }

  return [
    {
      id: 'allocate',
      title: 'Allocate …',
      group: 'Allocation',
      keys: ['a'],
      refusal: refuse.change,
      run: () => dialogs.open('allocate'),
      line: () => commandFor('alloc', [uuid()])
    },
    {
      id: 'free-allocation',
      title: 'Free …',
      group: 'Allocation',
      keys: ['Delete'],
      refusal: refuse.changeSome,
      run: () => dialogs.open('free'),
      line: () => lines((word) => commandFor('free', [uuid(), word]))
    },
    {
      id: 'label-allocation',
      title: 'Name and labels …',
      group: 'Allocation',
      keys: ['F2'],
      refusal: refuse.changeSome,
      run: () => dialogs.open('label'),
      line: () =>
        selection.chosen.length > 1
          ? lines((word) => commandFor('label', [uuid(), word], [['owner', 'OWNER']]))
          : lines((word) => commandFor('rename', [uuid(), word, 'NAME']))
    },
    {
      id: 'resize-allocation',
      title: 'Resize …',
      group: 'Allocation',
      keys: ['R'],
      refusal: refuse.changeOne,
      run: () => dialogs.open('resize'),
      line: () => lines((word) => commandFor('resize', [uuid(), word, 'PAGES']))
    },
    {
      id: 'fill-allocation',
      title: 'Fill with a pattern …',
      group: 'Allocation',
      keys: ['F'],
      refusal: refuse.changeSome,
      run: () => dialogs.open('fill'),
      line: () => lines((word) => commandFor('fill', [uuid(), word, 'PATTERN']))
    },
    {
      id: 'write-allocation',
      title: 'Write a file into it …',
      group: 'Allocation',
      keys: ['W'],
      refusal: refuse.changeOne,
      run: writeFile,
      line: () => lines((word) => commandFor('write', [uuid(), word, 'FILE']))
    },
    {
      id: 'save-allocation',
      title: 'Dump to file',
      group: 'Allocation',
      keys: ['S'],
      refusal: refuse.some,
      run: () => contents.saveAll(of(), selection.chosen),
      line: () => lines((word, each) => commandFor('read', [uuid(), word, each ? fileNameOf(each) : 'FILE']))
    },
    {
      id: 'show-bytes',
      title: 'Show the bytes',
      group: 'Allocation',
      keys: ['B'],
      refusal: refuse.some,
      run: () => {
        if (pool.selected) inspector.show(pool.selected.page * pageBytes, pool.selected.pages * pageBytes)
      }
    },
    {
      id: 'show-on-map',
      title: 'Zoom the map to it',
      group: 'Allocation',
      keys: ['Z'],
      refusal: refuse.some,
      run: () => {
        if (pool.selected) map.show({ page: pool.selected.page, pages: pool.selected.pages })
      }
    },
    {
      id: 'choose-all-allocations',
      title: 'Choose all that the table shows',
      group: 'Allocation',
      refusal: () => (list.listing.count > 0 ? null : 'The table is empty.'),
      run: () => selection.chooseAll(),
      line: () => commandFor('list', [uuid()])
    },
    {
      id: 'group-allocations',
      title: 'Group by owner, or not',
      group: 'Allocation',
      refusal: () => (pool.info ? null : 'No pool is in view.'),
      run: () => (list.grouped = !list.grouped)
    },
    {
      id: 'allocations-in-range',
      title: 'Only allocations in the range of the map, or all',
      group: 'Allocation',
      refusal: noRange,
      run: () => (list.onlyInRange = !list.onlyInRange)
    },
    {
      id: 'drop-selection',
      title: 'Drop the selection',
      group: 'Allocation',
      keys: ['Escape'],
      refusal: () => (pool.selectedPage === null ? 'Nothing is selected.' : null),
      run: () => {
        pool.selectedPage = null
        pool.chosen = new Set()
      }
    }
  ]
}

/** A command for each form of "Copy as". */
function useCopies(): { readonly value: Command[] } {
  const forms = useCopyForms()
  const notices = useNotices()
  const refuse = useRefusals()
  const refusal = (): string | null => (refuse.some() === 'No allocation is selected.' ? refuse.some() : null)
  return computed(() =>
    forms.value.map(({ id, title, text }): Command => ({
      id: `copy-${id}`,
      title: id === 'address' ? 'Copy the address' : `Copy as: ${title}`,
      group: 'Allocation',
      ...(id === 'address' ? { keys: ['c'] } : { paletteOnly: true }),
      refusal,
      run: async () => {
        const lines = text().split('\n')
        const shown = lines.length === 1 ? lines[0] : plural(lines.length, 'line')
        notices.say((await copyText(text())) ? `Copied: ${shown}` : 'The browser did not let it be copied.')
      }
    }))
  )
}
