// SPDX-License-Identifier: GPL-2.0-or-later
import { ref, shallowRef, type Ref } from 'vue'
import { gutter, rail } from './draw.ts'
import type { Grid } from './grid.ts'
import type { Viewport } from './use-viewport.ts'

export interface Pointer {
  /** first page of the cell under the pointer */
  readonly hovered: Readonly<Ref<number | null>>
  readonly at: Readonly<Ref<{ x: number; y: number }>>
  readonly handlers: Record<string, (event: never) => void>
}

const dragThreshold = 4 // CSS pixels; less is a click
const wheelRow = 40 // CSS pixels of wheel for about three rows

/** Mouse and touch on the map: hover, click, drag to pan, wheel to pan, Ctrl and wheel (or a pinch) to zoom. */
export function usePointer(view: Viewport, clicked: (page: number) => void): Pointer {
  const hovered = ref<number | null>(null)
  const at = shallowRef({ x: 0, y: 0 })
  let drag: { startY: number; lastY: number; onRail: boolean; moved: boolean } | null = null

  const place = (event: MouseEvent): { x: number; y: number; grid: Grid | null } => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect()
    return { x: event.clientX - box.left, y: event.clientY - box.top, grid: view.grid.value }
  }
  const pageUnder = (event: MouseEvent): number | null => {
    const { x, y, grid } = place(event)
    return grid?.pageAt(x - gutter, y) ?? null
  }
  const isOnRail = (x: number, grid: Grid): boolean => x > gutter + grid.width && x <= gutter + grid.width + rail

  function down(event: PointerEvent): void {
    if (event.button !== 0) return
    const { x, y, grid } = place(event)
    if (!grid) return
    const onRail = isOnRail(x, grid)
    drag = { startY: y, lastY: y, onRail, moved: onRail }
    ;(event.currentTarget as HTMLElement).setPointerCapture(event.pointerId)
    if (onRail) view.scrollToFraction(y / grid.height)
  }

  function move(event: PointerEvent): void {
    const { x, y, grid } = place(event)
    at.value = { x, y }
    hovered.value = drag?.moved ? null : pageUnder(event)
    if (!drag || !grid) return
    if (Math.abs(y - drag.startY) > dragThreshold) drag.moved = true
    if (!drag.moved) return
    if (drag.onRail) view.scrollToFraction(y / grid.height)
    else view.scroll((drag.lastY - y) / grid.level.cellHeight)
    drag.lastY = y
  }

  function up(event: PointerEvent): void {
    const page = drag && !drag.moved ? pageUnder(event) : null
    drag = null
    if (page !== null) clicked(page)
  }

  function wheel(event: WheelEvent): void {
    event.preventDefault()
    const { y, grid } = place(event)
    if (!grid) return
    const page = pageUnder(event) ?? grid.firstRow * grid.pagesPerRow
    const zooms = event.ctrlKey || event.metaKey || grid.visibleRows >= grid.rows
    if (zooms) view.zoomBy(event.deltaY < 0 ? 1 : -1, page, y)
    else view.scroll(((event.deltaY / wheelRow) * 24) / grid.level.cellHeight)
    hovered.value = pageUnder(event)
  }

  return {
    hovered,
    at,
    handlers: {
      pointerdown: down,
      pointermove: move,
      pointerup: up,
      pointercancel: () => (drag = null),
      pointerleave: () => (hovered.value = null),
      wheel
    }
  }
}
