// SPDX-License-Identifier: GPL-2.0-or-later
import type { Ref } from 'vue'
import { useCommandList } from '../stores/commands.ts'
import { useMapView } from '../stores/map-view.ts'
import type { WidgetKeys } from '../stores/widget-keys.ts'
import { useAllocationList } from './list-store.ts'
import { allocationAtRow, groupAt } from './listing.ts'
import { useSelection } from './selection-store.ts'

export const gridKeys: WidgetKeys = {
  title: 'In the table of allocations',
  keys: [
    ['↑ ↓ PageUp PageDown Home End', 'Go to a row and choose it'],
    ['Shift with these', 'Choose all from where it began'],
    ['Ctrl with these', 'Go there, leave what is chosen'],
    ['Space', 'Choose the row; with Ctrl add or take away'],
    ['Ctrl+A', 'Choose all that is shown'],
    ['Enter', 'Zoom the map to it; open and close a group'],
    ['← →', 'Close and open a group'],
    ['Ctrl+C', 'Copy the addresses'],
    ['Shift+F10', 'Menu of what is chosen']
  ]
}

interface GridKeys {
  (event: KeyboardEvent): void
  enter: (row: number) => void
}

/** Keys of the table, as in any grid; they hold while the grid itself has the focus. */
export function useGridKeys(grid: Readonly<Ref<HTMLElement | null>>, screen: () => number): GridKeys {
  const list = useAllocationList()
  const selection = useSelection()
  const map = useMapView()
  const commands = useCommandList()

  function target(key: string, at: number): number | null {
    const last = list.listing.entries.length - 1
    const targets: Record<string, number> = {
      ArrowDown: at + 1,
      ArrowUp: at < 0 ? 0 : at - 1,
      PageDown: at + screen(),
      PageUp: at - screen(),
      Home: 0,
      End: last
    }
    return targets[key] ?? null
  }

  function enter(row: number): void {
    const group = groupAt(list.listing, row)
    const allocation = allocationAtRow(list.listing, row)
    if (group) list.setCollapsed(group.key, !group.collapsed)
    else if (allocation) map.show({ page: allocation.page, pages: allocation.pages })
  }

  /** Left on a row goes to the head of its group, on a head closes it; right opens it. */
  function fold(row: number, open: boolean): boolean {
    if (list.listing.groups.length === 0) return false
    const group = groupAt(list.listing, row)
    if (group) list.setCollapsed(group.key, !open)
    else if (!open) {
      let head = row
      while (head > 0 && !groupAt(list.listing, head)) head--
      selection.goTo(head, { keep: true })
    }
    return true
  }

  function openMenu(row: number): void {
    const element = grid.value?.querySelector(`[data-row="${row}"]`) ?? grid.value
    const box = element?.getBoundingClientRect()
    if (!element || !box) return
    const at = { clientX: box.left + 80, clientY: Math.min(box.bottom, box.top + 26) }
    element.dispatchEvent(new MouseEvent('contextmenu', { ...at, bubbles: true, cancelable: true, button: 2 }))
  }

  /** Whether it was one of the grid's. */
  function act(event: KeyboardEvent): boolean {
    const row = selection.cursorRow
    const ctrl = event.ctrlKey || event.metaKey
    const to = target(event.key, row)
    if (to !== null) selection.goTo(to, { extend: event.shiftKey, keep: ctrl && !event.shiftKey })
    else if (event.key === ' ' && groupAt(list.listing, row)) selection.chooseGroup(row)
    else if (event.key === ' ' && ctrl) selection.toggle(row)
    else if (event.key === ' ') selection.goTo(row)
    else if (event.key === 'Enter' && !ctrl) enter(row)
    else if (event.key === 'ArrowLeft' || event.key === 'ArrowRight') return fold(row, event.key === 'ArrowRight')
    else if (event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey)) openMenu(row)
    else if (ctrl && event.key === 'a') selection.chooseAll()
    else if (ctrl && event.key === 'c' && getSelection()?.isCollapsed !== false) commands.run('copy-address')
    else return false
    return true
  }

  const onKey = (event: KeyboardEvent): void => {
    if (event.target !== grid.value || event.altKey) return
    if (act(event)) event.preventDefault()
  }
  return Object.assign(onKey, { enter })
}
