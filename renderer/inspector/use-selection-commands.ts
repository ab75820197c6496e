// SPDX-License-Identifier: GPL-2.0-or-later
import { copyText } from '../composables/copy-text.ts'
import { formatBytes, formatHex, pageBytes } from '../composables/format.ts'
import { useCommand } from '../composables/use-command.ts'
import { useBookmarks } from '../stores/bookmarks.ts'
import type { Command } from '../stores/commands.ts'
import { useDialogs } from '../stores/dialogs.ts'
import { useLink } from '../stores/link.ts'
import { useMapView } from '../stores/map-view.ts'
import { useNotices } from '../stores/notices.ts'
import { usePool } from '../stores/pool.ts'
import { needleMost } from './limits.ts'
import type { InspectorSession } from './session.ts'

interface Wanted {
  readonly session: InspectorSession
  /** opens the search */
  readonly find: () => void
  /** to the field that says what to fill with */
  readonly fill: () => void
}

/** What can be done with the bytes that are selected, and with the page that they stand in. */
export function useSelectionCommands({ session, find, fill }: Wanted): readonly Command[] {
  const { view, search, editing, overwrite, allocation, space, facts } = session
  const bookmarks = useBookmarks()
  const dialogs = useDialogs()
  const link = useLink()
  const map = useMapView()
  const notices = useNotices()
  const pool = usePool()
  const line = useCommand()
  const uuid = (): string => session.pool.value.uuid
  const page = (): number => Math.floor(view.selection.value.from / pageBytes)

  const notEditing = (): string | null => editing.refusal.value ?? (editing.on.value ? null : 'Edit is off.')
  const noAllocation = (): string | null => (allocation.value ? null : 'No allocation is here.')
  const notFree = (): string | null =>
    !pool.changeable
      ? 'This pool can not be changed now.'
      : facts.kindAt(page()) === 'free'
        ? null
        : 'The page at the cursor is not free.'

  function selectExtent(from: number, to: number): void {
    view.select(to - 1, from + 1) // the cursor stays at the first
    view.reveal(from)
  }
  function selectedBytes(): Uint8Array<ArrayBuffer> | null {
    const { from, to } = view.selection.value
    if (to - from > needleMost) return null
    const bytes = session.document.known(from, to - from)
    return bytes.length === to - from ? bytes : null
  }
  function findThese(): void {
    const bytes = selectedBytes()
    if (!bytes) return
    const text = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
    search.text.value = { ...search.text.value, kind: 'hex', text }
    search.range.value = 'pool'
    find()
    void search.search.run()
  }
  async function toAllocation(direction: 'next' | 'previous'): Promise<void> {
    const { found } = await link
      .request('pool/find', {
        ...session.of(),
        what: 'allocation',
        from: Math.max(0, page() + (direction === 'next' ? 1 : -1)),
        direction
      })
      .catch(() => ({ found: undefined })) // the bytes tell why nothing can be read
    if (found && (direction === 'next' || found.page < page())) view.jump(found.page * pageBytes)
    else if (found !== undefined) notices.say(`There is no ${direction} allocation.`)
  }
  async function pasteFromClipboard(): Promise<void> {
    try {
      overwrite.paste(await navigator.clipboard.readText())
    } catch {
      notices.say('The browser does not let the page read the clipboard: press Ctrl+V on the bytes.')
    }
  }
  function allocateHere(): void {
    const { from, to } = view.selection.value
    const range = { from: page(), to: Math.ceil(to / pageBytes) }
    map.range = from < to ? range : null
    dialogs.allocateInRange(range.to - range.from)
  }
  async function copyAddress(): Promise<void> {
    const address = space.value.addressOf(view.selection.value.from)
    if (address === null) return
    const copied = await copyText(formatHex(address))
    notices.say(copied ? `Copied: ${formatHex(address)}` : 'The browser did not let it be copied.')
  }

  return [
    {
      id: 'inspector-next-allocation',
      title: 'Next allocation',
      group: 'Inspector',
      keys: [']'],
      run: () => toAllocation('next')
    },
    {
      id: 'inspector-previous-allocation',
      title: 'Previous allocation',
      group: 'Inspector',
      keys: ['['],
      run: () => toAllocation('previous')
    },
    {
      id: 'inspector-select-allocation',
      title: 'Select the allocation',
      group: 'Inspector',
      refusal: noAllocation,
      run: () => {
        const extent = allocation.value && session.extentOf(allocation.value)
        if (extent) selectExtent(extent.from, extent.to)
      }
    },
    {
      id: 'inspector-select-page',
      title: 'Select the page',
      group: 'Inspector',
      run: () => selectExtent(page() * pageBytes, (page() + 1) * pageBytes)
    },
    {
      id: 'inspector-find-these',
      title: 'Find these bytes',
      group: 'Inspector',
      refusal: () =>
        selectedBytes() ? null : `At most ${formatBytes(needleMost)} that were read can be searched for.`,
      run: findThese,
      line: () => line('memory search', [uuid(), 'PATTERN'])
    },
    {
      id: 'inspector-bookmark',
      title: 'Bookmark this page, or not',
      group: 'Inspector',
      keys: ['b'],
      run: () => bookmarks.toggle(page())
    },
    {
      id: 'inspector-copy-address',
      title: 'Copy the address',
      group: 'Inspector',
      refusal: () => (space.value.addressOf(view.selection.value.from) === null ? 'No memory is here.' : null),
      run: copyAddress
    },
    {
      id: 'inspector-paste',
      title: 'Paste over',
      group: 'Inspector',
      refusal: notEditing,
      run: pasteFromClipboard
    },
    { id: 'inspector-fill', title: 'Fill the selection with …', group: 'Inspector', refusal: notEditing, run: fill },
    {
      id: 'inspector-fill-zero',
      title: 'Fill the selection with zeros',
      group: 'Inspector',
      refusal: notEditing,
      run: () => overwrite.fill('00')
    },
    {
      id: 'inspector-allocate',
      title: 'Allocate these pages …',
      group: 'Inspector',
      refusal: notFree,
      run: allocateHere,
      line: () => line('alloc', [uuid()])
    }
  ]
}
