// SPDX-License-Identifier: GPL-2.0-or-later
import { ref, shallowRef, type Ref, type ShallowRef } from 'vue'
import type { MapItem } from './items.ts'
import { addressAt, panned, zoomed, type Lens } from './lens.ts'

const threshold = 4 // CSS pixels; less is a click
const zoomOfPixel = 0.0022 // a wheel's click is about 100 pixels, a touchpad sends a few at a time

export interface Wanted {
  readonly lens: ShallowRef<Lens | null>
  /** dragging chooses a range instead of moving the picture; so does Shift */
  readonly choosing: Readonly<Ref<boolean>>
  readonly itemAt: (x: number, y: number) => MapItem | null
  readonly clicked: (item: MapItem | null, address: number) => void
  readonly opened: (item: MapItem) => void
  /** from one address to another, while it is dragged */
  readonly chosen: (from: number, to: number) => void
}

export interface Pointer {
  readonly hovered: ShallowRef<MapItem | null>
  readonly at: ShallowRef<{ x: number; y: number; address: number }>
  readonly dragging: Ref<boolean>
  readonly handlers: Record<string, (event: never) => void>
}

/** Mouse, touch and touchpad: hover, click, drag to move or to choose, wheel to zoom at the pointer, sideways to move. */
export function useMapPointer({ lens, choosing, itemAt, clicked, opened, chosen }: Wanted): Pointer {
  const hovered = shallowRef<MapItem | null>(null)
  const at = shallowRef({ x: 0, y: 0, address: 0 })
  const dragging = ref(false)
  let drag: { startX: number; lastX: number; from: number | null } | null = null

  function place(event: MouseEvent): { x: number; y: number } {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect()
    return { x: event.clientX - box.left, y: event.clientY - box.top }
  }

  function down(event: PointerEvent): void {
    if (event.button !== 0 || !lens.value) return
    const { x } = place(event)
    const chooses = choosing.value || event.shiftKey
    drag = { startX: x, lastX: x, from: chooses ? addressAt(lens.value, x) : null }
    ;(event.currentTarget as HTMLElement).setPointerCapture(event.pointerId)
  }

  function move(event: PointerEvent): void {
    if (!lens.value) return
    const { x, y } = place(event)
    at.value = { x, y, address: addressAt(lens.value, x) }
    if (!drag) return void (hovered.value = itemAt(x, y))
    if (Math.abs(x - drag.startX) > threshold) dragging.value = true
    if (!dragging.value) return
    hovered.value = null
    if (drag.from === null) lens.value = panned(lens.value, drag.lastX - x)
    else chosen(drag.from, at.value.address)
    drag.lastX = x
  }

  function up(event: PointerEvent): void {
    const { x, y } = place(event)
    if (drag && !dragging.value && lens.value) clicked(itemAt(x, y), addressAt(lens.value, x))
    drag = null
    dragging.value = false
  }

  function wheel(event: WheelEvent): void {
    event.preventDefault()
    if (!lens.value) return
    const { x, y } = place(event)
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1
    const [across, along] = [event.deltaX * unit, event.deltaY * unit]
    const sideways = event.shiftKey || Math.abs(across) > Math.abs(along)
    if (sideways) lens.value = panned(lens.value, event.shiftKey ? across || along : across)
    else lens.value = zoomed(lens.value, Math.exp(along * zoomOfPixel * (event.ctrlKey ? 3 : 1)), x)
    hovered.value = itemAt(x, y)
  }

  return {
    hovered,
    at,
    dragging,
    handlers: {
      pointerdown: down,
      pointermove: move,
      pointerup: up,
      pointercancel: () => {
        drag = null
        dragging.value = false
      },
      pointerleave: () => (hovered.value = null),
      dblclick: (event: MouseEvent) => {
        const { x, y } = place(event)
        const item = itemAt(x, y)
        if (item) opened(item)
      },
      wheel
    }
  }
}
