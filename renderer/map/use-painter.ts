// SPDX-License-Identifier: GPL-2.0-or-later
import { useDevicePixelRatio } from '@vueuse/core'
import { onScopeDispose, watch, type Ref } from 'vue'
import { Band } from './band.ts'
import { paintCells, type Picture } from './cells.ts'
import { drawAddresses, drawCells, drawRail, drawSeams, gutter, prepare, rail, railLevel, Scratch } from './draw.ts'
import { drawMarks, type Marks } from './draw-marks.ts'
import { levelOf, type Grid } from './grid.ts'
import type { Palette } from './palette.ts'
import type { RegionShape } from './regions.ts'

export interface Shown {
  readonly grid: Readonly<Ref<Grid | null>>
  /** a new one whenever colours or runs change */
  readonly picture: Readonly<Ref<Picture | null>>
  readonly palette: Readonly<Ref<Palette>>
  /** changes when cells arrive */
  readonly turn: Readonly<Ref<number>>
  readonly regions: Readonly<Ref<readonly RegionShape[]>>
  readonly marks: Readonly<Ref<Marks>>
  /** told of the levels and cells that are about to be drawn */
  readonly look?: (parts: { level: number; first: number; end: number }[]) => void
}

/** Paints at most once a frame, the cells only when something of theirs changed, the overview more seldom still. */
export function usePainter(
  cells: Readonly<Ref<HTMLCanvasElement | null>>,
  marks: Readonly<Ref<HTMLCanvasElement | null>>,
  shown: Shown
): void {
  const { pixelRatio } = useDevicePixelRatio()
  const scratch = new Scratch()
  const railScratch = new Scratch()
  let frame = 0
  let cellsAreOld = true
  const band = new Band()
  let overview: { level: number; colours: Uint32Array } | null = null

  function paint(): void {
    frame = 0
    const grid = shown.grid.value
    if (!grid || !cells.value || !marks.value) return
    const palette = shown.palette.value
    const width = gutter + grid.width + rail
    if (cellsAreOld) {
      cellsAreOld = false
      paintAll(cells.value, grid, palette, width)
    }
    const context = prepare(marks.value, width, grid.height, pixelRatio.value)
    if (context) drawMarks(context, grid, shown.marks.value, palette, width)
  }

  function paintAll(canvas: HTMLCanvasElement, grid: Grid, colours: Palette, width: number): void {
    const picture = shown.picture.value
    const ratio = pixelRatio.value
    const level = levelOf(grid.level)
    const first = grid.firstRow * grid.level.columns
    const end = Math.min(grid.endRow * grid.level.columns, Math.ceil(grid.pages / grid.level.pagesPerCell))
    const coarse = railLevel(grid.pages, grid.height, ratio)
    const coarseEnd = Math.ceil(grid.pages / 2 ** coarse)
    shown.look?.([
      { level, first, end },
      { level: coarse, first: 0, end: coarseEnd }
    ])
    const context = prepare(canvas, width, grid.height, ratio)
    if (!context || !picture) return
    if (overview?.level !== coarse || overview.colours.length !== coarseEnd)
      overview = { level: coarse, colours: paintCells(picture, coarse, 0, coarseEnd).colours }
    drawCells(context, grid, band.paint(picture, shown.turn.value, level, first, end), colours, ratio, scratch)
    drawAddresses(context, grid, shown.regions.value, colours)
    drawSeams(context, grid, shown.regions.value, colours)
    drawRail(context, grid, overview.colours, width, railScratch)
  }

  const ask = (): void => {
    if (frame === 0) frame = requestAnimationFrame(paint)
  }
  watch(
    [shown.grid, shown.regions, pixelRatio, cells],
    () => {
      cellsAreOld = true
      ask()
    },
    { immediate: true, flush: 'post' }
  )
  watch(
    [shown.picture, shown.turn, shown.palette],
    () => {
      overview = null
      cellsAreOld = true
      ask()
    },
    { flush: 'post' }
  )
  watch(shown.marks, ask, { flush: 'post' })
  onScopeDispose(() => cancelAnimationFrame(frame))
}
