// SPDX-License-Identifier: GPL-2.0-or-later
import { useDevicePixelRatio } from '@vueuse/core'
import { onScopeDispose, watch, type Ref } from 'vue'
import { drawAddresses, drawCells, drawMarks, drawRail, gutter, prepare, rail, type Marks } from './draw.ts'
import type { Grid } from './grid.ts'
import { readPalette, type Palette } from './palette.ts'
import type { RegionShape } from './regions.ts'

export interface Painted {
  readonly grid: Readonly<Ref<Grid | null>>
  readonly kinds: Readonly<Ref<Uint8Array | null>>
  readonly regions: Readonly<Ref<readonly RegionShape[]>>
  readonly marks: Readonly<Ref<Marks>>
  /** changes when the colours do */
  readonly theme: Readonly<Ref<string>>
}

/** Paints at most once a frame, and the cells only when something of theirs changed. */
export function usePainter(
  cells: Readonly<Ref<HTMLCanvasElement | null>>,
  marks: Readonly<Ref<HTMLCanvasElement | null>>,
  shown: Painted
): void {
  const { pixelRatio } = useDevicePixelRatio()
  let palette: Palette | null = null
  let frame = 0
  let cellsAreOld = true

  function paint(): void {
    frame = 0
    const grid = shown.grid.value
    if (!grid || !cells.value || !marks.value) return
    palette ??= readPalette(cells.value)
    const width = gutter + grid.width + rail
    if (cellsAreOld && shown.kinds.value) {
      cellsAreOld = false
      paintCells(cells.value, grid, shown.kinds.value, palette, width)
    }
    const context = prepare(marks.value, width, grid.height, pixelRatio.value)
    if (context) drawMarks(context, grid, shown.marks.value, palette)
  }

  function paintCells(canvas: HTMLCanvasElement, grid: Grid, kinds: Uint8Array, colours: Palette, width: number): void {
    const context = prepare(canvas, width, grid.height, pixelRatio.value)
    if (!context) return
    drawCells(context, grid, kinds, colours, pixelRatio.value)
    drawAddresses(context, grid, shown.regions.value, colours)
    drawRail(context, grid, kinds, colours, width)
  }

  const ask = (): void => {
    if (frame === 0) frame = requestAnimationFrame(paint)
  }
  watch(
    [shown.grid, shown.kinds, shown.regions, pixelRatio, cells],
    () => {
      cellsAreOld = true
      ask()
    },
    { immediate: true, flush: 'post' }
  )
  watch(shown.marks, ask, { flush: 'post' })
  watch(
    shown.theme,
    () => {
      palette = null
      cellsAreOld = true
      ask()
    },
    { flush: 'post' }
  )
  onScopeDispose(() => cancelAnimationFrame(frame))
}
