// SPDX-License-Identifier: GPL-2.0-or-later
import type { Ref } from 'vue'
import type { Grid } from './grid.ts'
import type { Viewport } from './use-viewport.ts'

/** Where a key takes the cursor, or null when it is no key of movement. A cursor stands on the first page of a cell. */
export function moved(key: string, cursor: number, grid: Grid): number | null {
  const cell = grid.level.pagesPerCell
  const row = grid.pagesPerRow
  const screen = Math.max(1, Math.floor(grid.visibleRows) - 1) * row
  const last = Math.floor((grid.pages - 1) / cell) * cell
  const steps: Record<string, number> = {
    ArrowLeft: cursor - cell,
    ArrowRight: cursor + cell,
    ArrowUp: cursor - row < 0 ? cursor : cursor - row,
    ArrowDown: cursor + row > last ? cursor : cursor + row,
    PageUp: cursor - screen,
    PageDown: cursor + screen,
    Home: 0,
    End: last
  }
  const target = steps[key]
  return target === undefined ? null : Math.max(0, Math.min(last, Math.floor(target / cell) * cell))
}

interface Wanted {
  readonly view: Viewport
  readonly cursor: Ref<number | null>
  readonly choose: (page: number) => void
  /** from the first to the other cell */
  readonly ranged: (from: number, to: number) => void
  /** drops the range; false when there is none */
  readonly dropped: () => boolean
}

export interface Keys {
  readonly down: (event: KeyboardEvent) => void
  readonly up: (event: KeyboardEvent) => void
  /** Space is held: the left button pans */
  readonly pans: () => boolean
  /** it did, so that Space does nothing more */
  readonly panned: () => void
  /** whoever has the keys now, no key of the map is held */
  readonly release: () => void
}

/** Keys of the map: arrows, Home, End, pages, with Shift for a range; + - 0, Enter, Space. */
export function useKeys({ view, cursor, choose, ranged, dropped }: Wanted): Keys {
  let anchor: number | null = null
  let held = false
  let used = false

  function go(page: number, extend: boolean): void {
    if (!extend) anchor = null
    else {
      anchor ??= cursor.value ?? 0
      ranged(anchor, page)
    }
    cursor.value = page
    view.reveal(page)
  }
  function zoom(steps: number, grid: Grid): void {
    const page = cursor.value ?? grid.firstRow * grid.pagesPerRow
    view.zoomBy(steps, page, Math.max(0, Math.min(grid.middleOf(page), grid.height)))
  }

  function down(event: KeyboardEvent): void {
    const grid = view.grid.value
    if (!grid || event.ctrlKey || event.metaKey || event.altKey) return
    const target = moved(event.key, cursor.value ?? 0, grid)
    const acts: Record<string, () => void> = {
      '+': () => zoom(1, grid),
      '=': () => zoom(1, grid),
      '-': () => zoom(-1, grid),
      '0': () => view.fit(),
      Enter: () => choose(cursor.value ?? 0),
      ' ': () => {
        if (!held) used = false
        held = true
      }
    }
    if (event.key === 'Escape' && dropped()) return event.preventDefault()
    const act = target === null ? acts[event.key] : () => go(target, event.shiftKey)
    if (!act) return
    event.preventDefault()
    act()
  }
  function up(event: KeyboardEvent): void {
    if (event.key !== ' ') return
    if (held && !used) choose(cursor.value ?? 0)
    held = false
  }
  return { down, up, pans: () => held, panned: () => (used = true), release: () => (held = false) }
}
