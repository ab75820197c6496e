// SPDX-License-Identifier: GPL-2.0-or-later
import { onScopeDispose, ref, shallowRef, watch, type Ref } from 'vue'
import { gutter, rail } from './draw.ts'
import type { Grid } from './grid.ts'
import type { Viewport } from './use-viewport.ts'

export interface Pointer {
  /** first page of the cell under the pointer */
  readonly hovered: Readonly<Ref<number | null>>
  readonly at: Readonly<Ref<{ x: number; y: number }>>
  readonly dragging: Readonly<Ref<Drag['what'] | null>>
  readonly handlers: Record<string, (event: never) => void>
}

interface Wanted {
  readonly view: Viewport
  /** the cell was clicked, or chosen with Shift from the cursor on */
  readonly clicked: (page: number, extend: boolean) => void
  /** cells from the one to the other were dragged over */
  readonly ranged: (from: number, to: number) => void
  /** a key is held that lets the left button pan */
  readonly pans: () => boolean
  readonly panned: () => void
}

interface Drag {
  readonly what: 'range' | 'pan' | 'rail'
  readonly startX: number
  readonly startY: number
  readonly page: number | null
  lastY: number
  moved: boolean
}

const dragThreshold = 4 // CSS pixels; less is a click
const lineOfWheel = 16 // CSS pixels
const hoverDelay = 100 // ms
const zoomNotch = 50 // CSS pixels of wheel to a step of zoom: a notch is more, a pinch sends many that are less

/** Mouse, pen and touchpad on the map: hover, click, drag for a range, pan, wheel, pinch. */
export function usePointer({ view, clicked, ranged, pans, panned }: Wanted): Pointer {
  const hovered = ref<number | null>(null)
  const at = shallowRef({ x: 0, y: 0 })
  const dragging = ref<Drag['what'] | null>(null)
  let drag: Drag | null = null
  let pinched = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  const place = (event: MouseEvent): { x: number; y: number; grid: Grid | null } => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect()
    return { x: event.clientX - box.left, y: event.clientY - box.top, grid: view.grid.value }
  }
  const pageAt = (x: number, y: number): number | null => view.grid.value?.pageAt(x - gutter, y) ?? null
  /** The cell under the pointer, or the nearest one when it has left the cells. */
  const pageNear = (x: number, y: number): number | null => {
    const grid = view.grid.value
    if (!grid) return null
    const inX = Math.max(0, Math.min(x - gutter, grid.level.columns * grid.level.cellWidth - 1))
    const inY = Math.max(0, Math.min(y, grid.height - 1))
    return grid.pageAt(inX, inY) ?? grid.pages - 1
  }
  const isOnRail = (x: number, grid: Grid): boolean => x > gutter + grid.width && x <= gutter + grid.width + rail

  function down(event: PointerEvent): void {
    const { x, y, grid } = place(event)
    if (!grid || event.button > 1) return
    const what = event.button === 1 || pans() ? 'pan' : isOnRail(x, grid) ? 'rail' : 'range'
    if (event.button === 1) event.preventDefault() // no autoscroll
    drag = { what, startX: x, startY: y, page: pageAt(x, y), lastY: y, moved: what === 'rail' }
    ;(event.currentTarget as HTMLElement).setPointerCapture(event.pointerId)
    if (what === 'rail') view.scrollToFraction(y / grid.height)
    dragging.value = what
  }

  function move(event: PointerEvent): void {
    const { x, y, grid } = place(event)
    at.value = { x, y }
    hovered.value = drag?.moved ? null : pageAt(x, y)
    if (!drag || !grid) return
    if (Math.hypot(x - drag.startX, y - drag.startY) > dragThreshold) drag.moved = true
    if (!drag.moved) return
    if (drag.what === 'rail') view.scrollToFraction(y / grid.height)
    else if (drag.what === 'pan') {
      view.scroll((drag.lastY - y) / grid.level.cellHeight)
      panned()
    } else if (drag.page !== null) {
      if (y < 0 || y > grid.height) view.scroll(y < 0 ? -1 : 1)
      ranged(drag.page, pageNear(x, y) ?? drag.page)
    }
    drag.lastY = y
  }

  const end = (): void => {
    drag = null
    dragging.value = null
  }
  function up(event: PointerEvent): void {
    const { x, y } = place(event)
    const page = drag && !drag.moved && drag.what === 'range' ? pageAt(x, y) : null
    end()
    if (page !== null) clicked(page, event.shiftKey)
  }

  function wheel(event: WheelEvent): void {
    event.preventDefault()
    const { x, y, grid } = place(event)
    if (!grid) return
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? 1 : lineOfWheel * (event.deltaMode === 2 ? 20 : 1)
    const delta = (event.deltaY || event.deltaX) * unit
    if (event.ctrlKey || event.metaKey) {
      pinched = Math.sign(pinched) === Math.sign(delta) ? pinched + delta : delta
      if (Math.abs(pinched) < zoomNotch) return
      view.zoomBy(pinched < 0 ? 1 : -1, pageAt(x, y) ?? grid.firstRow * grid.pagesPerRow, y)
      pinched = 0
    } else view.scroll(delta / grid.level.cellHeight)
    at.value = { x, y }
    hoverSoon()
  }
  /** While the map moves under the pointer nothing is named. */
  function hoverSoon(): void {
    hovered.value = null
    clearTimeout(timer)
    timer = setTimeout(() => {
      hovered.value = pageAt(at.value.x, at.value.y)
    }, hoverDelay)
  }
  // zoomed or scrolled by keys: another cell is under the pointer
  watch(view.rested, () => {
    if (hovered.value !== null) hovered.value = pageAt(at.value.x, at.value.y)
  })
  onScopeDispose(() => clearTimeout(timer))

  function doubled(event: MouseEvent): void {
    const { x, y } = place(event)
    const page = pageAt(x, y)
    if (page !== null) view.zoomBy(2, page, y)
  }
  return {
    hovered,
    at,
    dragging,
    handlers: {
      pointerdown: down,
      pointermove: move,
      pointerup: up,
      pointercancel: end,
      lostpointercapture: end,
      pointerleave: () => {
        clearTimeout(timer)
        hovered.value = null
      },
      dblclick: doubled,
      wheel
    }
  }
}
