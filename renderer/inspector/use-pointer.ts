// SPDX-License-Identifier: GPL-2.0-or-later
import { onScopeDispose } from 'vue'
import type { Hit } from './layout.ts'
import { rowHeight, type HexView } from './use-hex-view.ts'

interface Measures {
  /** left of the first character, pixels */
  readonly left: number
  readonly charWidth: () => number
  /** of the heading, pixels */
  readonly top: () => number
}

const scrollEvery = 30 // ms, while the pointer is held above or below the rows

/** Mouse and touch: click, Shift and click, drag to select (past the edge too), wheel. */
export function useHexPointer(view: HexView, { left, charWidth, top }: Measures) {
  let dragging = false
  let timer = 0
  let beyond = 0
  let last = { x: 0, y: 0 }

  function under(x: number, y: number): Hit & { offset: number } {
    const hit = view.layout.value.hit((x - left) / charWidth())
    const row = view.place.value.row + Math.floor((y - top() + view.place.value.pixel) / rowHeight)
    const clamped = Math.max(0, Math.min(view.size.value.rows - 1, row))
    return { ...hit, offset: clamped * view.bytesPerRow.value + hit.byte }
  }
  const placeOf = (event: MouseEvent): { x: number; y: number } => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect()
    const scrolled = (event.currentTarget as HTMLElement).scrollLeft
    return { x: event.clientX - box.left + scrolled, y: event.clientY - box.top }
  }

  function down(event: PointerEvent): void {
    if (event.button !== 0) return
    const { x, y } = placeOf(event)
    if (y < top() || event.target instanceof HTMLButtonElement) return
    ;(event.currentTarget as HTMLElement).setPointerCapture(event.pointerId)
    dragging = true
    last = { x, y }
    const { offset, column, low } = under(x, y)
    view.column.value = column
    view.moveTo(offset, event.shiftKey)
    view.low.value = column === 'hex' && low && !event.shiftKey
  }

  function extend(): void {
    view.cursor.value = Math.min(under(last.x, last.y).offset, Math.max(0, view.inView.value.to - 1))
    view.low.value = false
  }

  function move(event: PointerEvent): void {
    if (!dragging) return
    last = placeOf(event)
    const bottom = top() + view.height.value
    beyond = last.y < top() ? last.y - top() : last.y > bottom ? last.y - bottom : 0
    if (under(last.x, last.y).offset !== view.cursor.value) extend()
    if (beyond !== 0 && timer === 0) timer = window.setInterval(scrollOn, scrollEvery)
    else if (beyond === 0) stop()
  }
  function scrollOn(): void {
    view.scrollBy(beyond)
    extend()
  }
  function stop(): void {
    window.clearInterval(timer)
    timer = 0
  }
  function up(): void {
    dragging = false
    stop()
  }
  function wheel(event: WheelEvent): void {
    if (event.ctrlKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) return
    event.preventDefault()
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? rowHeight : 1
    view.scrollBy(event.deltaY * unit)
  }
  /** A menu is about what is selected: a byte that is not is chosen first. One that a key opens is at the cursor. */
  function contextmenu(event: MouseEvent): void {
    if (!event.isTrusted) return
    const { x, y } = placeOf(event)
    if (y < top()) return
    const { offset, column } = under(x, y)
    const { from, to } = view.selection.value
    if (offset >= from && offset < to) return
    view.column.value = column
    view.moveTo(offset)
  }
  onScopeDispose(stop)

  return { pointerdown: down, pointermove: move, pointerup: up, pointercancel: up, contextmenu, wheel }
}
