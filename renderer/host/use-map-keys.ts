// SPDX-License-Identifier: GPL-2.0-or-later
import type { ShallowRef } from 'vue'
import type { WidgetKeys } from '../stores/widget-keys.ts'
import { fitted, panned, whole, zoomed, type Lens } from './lens.ts'
import type { MapItem } from './items.ts'

export const physicalKeys: WidgetKeys = {
  title: 'On the map of physical memory',
  keys: [
    ['← →', 'Move along; with Shift by a screen'],
    ['Home End', 'First and last address'],
    ['+ − 0', 'Zoom in, out, show all'],
    ['[ ]', 'Previous and next range on the lane'],
    ['↑ ↓', 'What the lane above and below says there'],
    [', .', 'Previous and next difference'],
    ['Enter', 'Fit what is selected'],
    ['Wheel', 'Zoom at the pointer; sideways to move along'],
    ['Shift and drag', 'Choose a range to reserve']
  ]
}

const zoomStep = 0.6
const panStep = 0.12 // of the width

export interface KeyActs {
  readonly lens: ShallowRef<Lens | null>
  readonly selected: () => MapItem | null
  /** CSS pixels: where to zoom */
  readonly focus: () => number
  readonly neighbour: (step: 1 | -1) => void
  readonly vertical: (step: 1 | -1) => void
  readonly difference: (step: 1 | -1) => void
}

/** Keys of the map, while it has the focus. */
export function useMapKeys(acts: KeyActs): (event: KeyboardEvent) => void {
  const change = (to: (lens: Lens) => Lens) => (): void => {
    if (acts.lens.value) acts.lens.value = to(acts.lens.value)
  }
  const pan = (direction: 1 | -1, screen: boolean) =>
    change((lens) => panned(lens, direction * lens.width * (screen ? 0.9 : panStep)))
  function fit(lens: Lens): Lens {
    const item = acts.selected()
    return item ? fitted(lens, item.base, item.size) : lens
  }

  return (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const zoomIn = change((lens) => zoomed(lens, zoomStep, acts.focus()))
    const table: Record<string, () => void> = {
      '+': zoomIn,
      '=': zoomIn,
      '-': change((lens) => zoomed(lens, 1 / zoomStep, acts.focus())),
      '0': change((lens) => whole(lens.axis, lens.width)),
      ArrowLeft: pan(-1, event.shiftKey),
      ArrowRight: pan(1, event.shiftKey),
      Home: change((lens) => panned(lens, -1e9)),
      End: change((lens) => panned(lens, 1e9)),
      ArrowUp: () => acts.vertical(-1),
      ArrowDown: () => acts.vertical(1),
      '[': () => acts.neighbour(-1),
      ']': () => acts.neighbour(1),
      ',': () => acts.difference(-1),
      '.': () => acts.difference(1),
      Enter: change(fit)
    }
    const act = table[event.key]
    if (!act) return
    event.preventDefault()
    act()
  }
}
