// SPDX-License-Identifier: GPL-2.0-or-later
import { useCommand } from '../composables/use-command.ts'
import { formatHex, pageBytes } from '../composables/format.ts'
import { useCommands, type Command } from '../stores/commands.ts'
import { useInspector } from '../stores/inspector.ts'
import { useMapView } from '../stores/map-view.ts'
import { usePool } from '../stores/pool.ts'
import { copyForms, copyFormTitles, placeForms } from './copy-as.ts'
import { pointersAt } from './pointers.ts'
import type { InspectorSession } from './session.ts'
import { useSelectionCommands } from './use-selection-commands.ts'
import type { useCopy } from './use-copy.ts'

interface Wanted {
  readonly session: InspectorSession
  readonly copying: ReturnType<typeof useCopy>
  readonly goTo: () => void
  readonly find: () => void
  /** to the field that says what to fill with */
  readonly fill: () => void
}

/** What the inspector can do, for menus, palette and keys. Answers how a pointer is followed. */
export function useInspectorCommands({ session, copying, goTo, find, fill }: Wanted): { follow: () => void } {
  const { view, search, beside, editing, live, allocation, space } = session
  const inspector = useInspector()
  const pool = usePool()
  const map = useMapView()
  const line = useCommand()
  const uuid = (): string => session.pool.value.uuid

  const unreachable = (): string | null => (pool.reachable ? null : 'The host is not connected.')
  const notEditing = (): string | null => editing.refusal.value ?? (editing.on.value ? null : 'Edit is off.')
  const noHits = (): string | null => (search.hits.value?.offsets.length ? null : 'Nothing was found yet.')
  const notBeside = (): string | null =>
    unreachable() ??
    (beside.on.value ? (beside.difference.busy.value ? 'A search is under way.' : null) : 'Nothing is compared with.')
  const pointer = (): number | null => {
    const bytes = session.document.known(view.selection.value.from, 8)
    return pointersAt(bytes, inspector.options.little, space.value)[0]?.offset ?? null
  }
  const follow = (): void => {
    const to = pointer()
    if (to !== null) view.jump(to)
  }
  const compareLine = (): string | null =>
    inspector.against?.kind === 'snapshot' ? line('snapshot compare', [inspector.against.name]) : null

  const commands: Command[] = [
    { id: 'inspector-go-to', title: 'Go to …', group: 'Inspector', keys: ['g', 'Ctrl+g'], run: goTo },
    {
      id: 'inspector-find',
      title: 'Find bytes, text or a number …',
      group: 'Inspector',
      keys: ['f', 'Ctrl+f'],
      refusal: unreachable,
      run: find,
      line: () => line('memory search', [uuid(), 'PATTERN'])
    },
    {
      id: 'inspector-next-hit',
      title: 'Next hit',
      group: 'Inspector',
      keys: ['F3'],
      refusal: noHits,
      run: () => search.go(1)
    },
    {
      id: 'inspector-previous-hit',
      title: 'Previous hit',
      group: 'Inspector',
      keys: ['Shift+F3'],
      refusal: noHits,
      run: () => search.go(-1)
    },
    {
      id: 'inspector-next-difference',
      title: 'Next difference',
      group: 'Inspector',
      keys: ['F7'],
      refusal: notBeside,
      run: () => beside.difference.run(view, 'next'),
      line: compareLine
    },
    {
      id: 'inspector-previous-difference',
      title: 'Previous difference',
      group: 'Inspector',
      keys: ['Shift+F7'],
      refusal: notBeside,
      run: () => beside.difference.run(view, 'previous'),
      line: compareLine
    },
    {
      id: 'inspector-all-differences',
      title: 'Mark all differences to the snapshot',
      group: 'Inspector',
      refusal: () =>
        notBeside() ??
        (inspector.against?.kind === 'snapshot'
          ? null
          : 'A host compares with snapshots only; a verdict does it here.'),
      run: () => beside.all.run(),
      line: compareLine
    },
    {
      id: 'inspector-back',
      title: 'Back to the place before',
      group: 'Inspector',
      keys: ['Alt+ArrowLeft'],
      refusal: () => (view.canGoBack.value ? null : 'There is no place before.'),
      run: () => view.travel('back')
    },
    {
      id: 'inspector-forward',
      title: 'Forward again',
      group: 'Inspector',
      keys: ['Alt+ArrowRight'],
      refusal: () => (view.canGoForward.value ? null : 'There is no place after.'),
      run: () => view.travel('forward')
    },
    {
      id: 'inspector-follow',
      title: 'Follow the pointer at the cursor',
      group: 'Inspector',
      refusal: () => (pointer() === null ? 'The eight bytes at the cursor are no address of this pool.' : null),
      run: follow
    },
    {
      id: 'inspector-show-on-map',
      title: 'Show on map',
      group: 'Inspector',
      keys: ['m'],
      run: () => map.show({ page: Math.floor(view.cursor.value / pageBytes), pages: allocation.value?.pages ?? 1 })
    },
    {
      id: 'inspector-live',
      title: 'Live: read again and again',
      group: 'Inspector',
      keys: ['l'],
      refusal: unreachable,
      run: () => (live.on.value = !live.on.value)
    },
    {
      id: 'inspector-reread',
      title: 'Read what is in view again',
      group: 'Inspector',
      keys: ['r'],
      refusal: unreachable,
      run: () => session.reread(),
      line: () =>
        line('memory read', [uuid(), formatHex(view.inView.value.from), view.inView.value.to - view.inView.value.from])
    },
    {
      id: 'inspector-edit',
      title: 'Edit: type over bytes',
      group: 'Inspector',
      keys: ['e'],
      refusal: () => (editing.on.value ? null : editing.refusal.value),
      run: () => editing.toggle()
    },
    {
      id: 'inspector-undo',
      title: 'Undo the edit',
      group: 'Inspector',
      keys: ['Ctrl+z'],
      refusal: () => notEditing() ?? (editing.state.value.undoable ? null : 'There is nothing to undo.'),
      run: () => editing.undo()
    },
    {
      id: 'inspector-redo',
      title: 'Redo the edit',
      group: 'Inspector',
      keys: ['Ctrl+y', 'Ctrl+Shift+z'],
      refusal: () => notEditing() ?? (editing.state.value.redoable ? null : 'There is nothing to redo.'),
      run: () => editing.redo()
    },
    {
      id: 'inspector-write',
      title: 'Write the edit to live memory …',
      group: 'Inspector',
      keys: ['Ctrl+s'],
      refusal: () => notEditing() ?? (editing.state.value.count ? null : 'Nothing was typed.'),
      run: () => editing.askWrite(),
      line: () => line('memory write', [uuid(), 'OFFSET'])
    },
    ...copyForms.map((form): Command => ({
      id: `inspector-copy-${form}`,
      title: `Copy as ${copyFormTitles[form]}`,
      group: 'Inspector',
      paletteOnly: true,
      refusal: () => (placeForms.includes(form) ? null : copying.refusal.value),
      run: () => copying.copy.run(form),
      line: () => copying.command.value
    })),
    {
      id: 'inspector-save',
      title: 'Save the selection to file',
      group: 'Inspector',
      refusal: () => unreachable() ?? copying.tooLong.value,
      run: () => copying.save.run(),
      line: () => copying.command.value
    }
  ]
  useCommands([...commands, ...useSelectionCommands({ session, find, fill })])
  return { follow }
}
