// SPDX-License-Identifier: GPL-2.0-or-later
import type { HexView } from './use-hex-view.ts'
import { wholeRows } from './scroll.ts'

interface Wanted {
  readonly view: HexView
  readonly editing: () => boolean
  readonly typeText: (text: string) => void
  readonly typeDigit: (digit: number) => void
  readonly selectAll: () => void
  readonly copy: () => void
  readonly follow: () => void
  readonly menu: () => void
}

/** Where a key takes the cursor; null: it is no key of movement. */
export function movedTo(view: HexView, key: string, ctrl: boolean): number | null {
  const row = view.bytesPerRow.value
  const at = view.cursor.value
  const end = view.size.value.rows * row - 1
  const screen = Math.max(1, wholeRows(view.size.value) - 1) * row
  const start = at - (at % row)
  const steps: Record<string, number> = {
    ArrowLeft: at - 1,
    ArrowRight: at + 1,
    ArrowUp: at < row ? at : at - row,
    ArrowDown: at + row > end ? at : at + row,
    PageUp: Math.max(at % row, at - screen),
    PageDown: Math.min(end - (end % row) + (at % row), at + screen),
    Home: ctrl ? 0 : start,
    End: ctrl ? end : start + row - 1
  }
  return steps[key] ?? null
}

/** Keys of the hex area while it has the focus. */
export function useHexKeys({ view, editing, typeText, typeDigit, selectAll, copy, follow, menu }: Wanted) {
  /** Tab goes to the other column, and out of the area from there. */
  function otherColumn(event: KeyboardEvent): boolean {
    const to = event.shiftKey ? 'hex' : 'text'
    if (view.column.value === to) return false
    view.column.value = to
    view.low.value = false
    return true
  }

  function typed(event: KeyboardEvent): boolean {
    if (!editing() || event.ctrlKey || event.metaKey || event.altKey || event.key.length !== 1) return false
    if (view.column.value === 'text') typeText(event.key)
    else if (/^[0-9a-f]$/i.test(event.key)) typeDigit(parseInt(event.key, 16))
    else return false
    return true
  }

  function withControl(key: string): boolean {
    if (key === 'a') selectAll()
    else if (key === 'c') copy()
    else return false
    return true
  }

  function taken(event: KeyboardEvent): boolean {
    const ctrl = event.ctrlKey || event.metaKey
    if (event.altKey) return false
    const target = movedTo(view, event.key, ctrl)
    if (target !== null && !(ctrl && event.key.startsWith('Arrow'))) {
      view.moveTo(target, event.shiftKey)
      return true
    }
    if (event.key === 'Tab' && !ctrl) return otherColumn(event)
    if (event.key === 'Enter' && !ctrl) {
      follow()
      return true
    }
    if (event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey)) {
      menu()
      return true
    }
    if (event.key === 'Escape' && view.selected.value) {
      view.moveTo(view.cursor.value)
      return true
    }
    // here it would be taken for deleting bytes, elsewhere it frees an allocation
    if (event.key === 'Delete' || event.key === 'Backspace') return true
    return (ctrl && !event.shiftKey && withControl(event.key.toLowerCase())) || typed(event)
  }

  return (event: KeyboardEvent): void => {
    if (taken(event)) event.preventDefault()
  }
}
