// SPDX-License-Identifier: GPL-2.0-or-later
import { computed, onScopeDispose, shallowRef, watch, type Ref } from 'vue'
import { gutter, rail } from './draw.ts'
import { Grid, zoomLevels } from './grid.ts'

export interface Viewport {
  readonly grid: Readonly<Ref<Grid | null>>
  /** the same, but not before the map has stopped moving: for all that need not move with it */
  readonly rested: Readonly<Ref<Grid | null>>
  readonly zoom: Readonly<Ref<number>>
  readonly levels: Readonly<Ref<number>>
  zoomBy(steps: number, page: number, y: number): void
  fit(): void
  scroll(rows: number): void
  scrollToFraction(fraction: number): void
  reveal(page: number): void
  /** Zoomed so that the run is seen for what it is, and as a whole where that can be. */
  zoomTo(page: number, pages: number): void
}

const restAfter = 120 // ms without a change

/** Follows at once what changes seldom, and what keeps changing when it has come to rest. */
function useRested<T>(source: Readonly<Ref<T>>): Readonly<Ref<T>> {
  const rested = shallowRef(source.value)
  let timer: ReturnType<typeof setTimeout> | undefined
  watch(
    source,
    (now) => {
      if (timer === undefined) rested.value = now
      clearTimeout(timer)
      timer = setTimeout(() => {
        timer = undefined
        rested.value = source.value
      }, restAfter)
    },
    { flush: 'sync' }
  )
  onScopeDispose(() => clearTimeout(timer))
  return rested
}

/** Zoom and position of the map; both survive a change of size as well as they can. */
export function useViewport(pages: Ref<number>, width: Ref<number>, height: Ref<number>): Viewport {
  const grid = shallowRef<Grid | null>(null)
  const zoom = shallowRef(0)
  const cellsWidth = computed(() => Math.max(64, width.value - gutter - rail))
  const levels = computed(() =>
    pages.value > 0 && height.value > 0 ? zoomLevels(cellsWidth.value, height.value, pages.value) : []
  )

  watch(
    levels,
    (now, before) => {
      const shown = grid.value
      zoom.value = before && shown?.pages === pages.value ? Math.min(zoom.value, now.length - 1) : 0
      const level = now[zoom.value]
      if (!level) return void (grid.value = null)
      const page = shown && zoom.value > 0 ? Math.floor(shown.top) * shown.pagesPerRow : 0
      grid.value = new Grid(
        level,
        pages.value,
        cellsWidth.value,
        height.value,
        page / (level.columns * level.pagesPerCell)
      )
    },
    { immediate: true }
  )

  function zoomBy(steps: number, page: number, y: number): void {
    const next = Math.max(0, Math.min(zoom.value + steps, levels.value.length - 1))
    const level = levels.value[next]
    if (!grid.value || !level || next === zoom.value) return
    zoom.value = next
    grid.value = grid.value.zoomed(level, page, y)
  }

  const change = (to: (grid: Grid) => Grid): void => {
    if (grid.value) grid.value = to(grid.value)
  }

  function zoomTo(page: number, run: number): void {
    if (!grid.value) return
    const fits = (at: number): boolean => {
      const level = levels.value[at]!
      return run / (level.columns * level.pagesPerCell) <= Math.max(1, 0.6 * (height.value / level.cellHeight))
    }
    const isFine = (at: number): boolean => levels.value[at]!.pagesPerCell <= Math.max(1, run / 16)
    let wanted = zoom.value
    while (wanted < levels.value.length - 1 && !isFine(wanted) && fits(wanted + 1)) wanted++
    while (wanted > 0 && !fits(wanted)) wanted--
    zoomBy(wanted - zoom.value, page, height.value / 3)
    change((now) => now.revealing(page))
  }

  return {
    grid,
    rested: useRested(grid),
    zoom,
    levels: computed(() => levels.value.length),
    zoomBy,
    fit: () => zoomBy(-levels.value.length, 0, 0),
    scroll: (rows) => change((now) => now.scrolled(rows)),
    scrollToFraction: (fraction) => change((now) => now.scrolled(fraction * now.rows - now.visibleRows / 2 - now.top)),
    reveal: (page) => change((now) => now.revealing(page)),
    zoomTo
  }
}
