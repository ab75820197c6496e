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
  /** the first page of the next (1) or previous (-1) allocation */
  readonly neighbour: (page: number, direction: 1 | -1) => number | null
}

/** Keys of the map: arrows, Home, End, pages, + - 0, Enter, [ and ]. */
export function useKeys({ view, cursor, choose, neighbour }: Wanted): (event: KeyboardEvent) => void {
  function go(page: number): void {
    cursor.value = page
    view.reveal(page)
  }
  function zoom(steps: number, grid: Grid): void {
    const page = cursor.value ?? grid.firstRow * grid.pagesPerRow
    view.zoomBy(steps, page, Math.max(0, Math.min(grid.middleOf(page), grid.height)))
  }
  function jump(direction: 1 | -1): void {
    const page = neighbour(cursor.value ?? 0, direction)
    if (page === null) return
    go(page)
    choose(page)
  }

  return (event) => {
    const grid = view.grid.value
    if (!grid || event.ctrlKey || event.metaKey || event.altKey) return
    const target = moved(event.key, cursor.value ?? 0, grid)
    const acts: Record<string, () => void> = {
      '+': () => zoom(1, grid),
      '=': () => zoom(1, grid),
      '-': () => zoom(-1, grid),
      '0': () => view.fit(),
      Enter: () => choose(cursor.value ?? 0),
      ' ': () => choose(cursor.value ?? 0),
      ']': () => jump(1),
      '[': () => jump(-1)
    }
    const act = target === null ? acts[event.key] : () => go(target)
    if (!act) return
    event.preventDefault()
    act()
  }
}
