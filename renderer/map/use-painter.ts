// SPDX-License-Identifier: GPL-2.0-or-later
import { useDevicePixelRatio } from '@vueuse/core'
import { onScopeDispose, watch, type Ref } from 'vue'
import { Band } from './band.ts'
import { paintCells, type Picture } from './cells.ts'
import { drawAddresses, drawCells, drawRail, drawSeams, gutter, prepare, rail, railLevel, Scratch } from './draw.ts'
import { drawMarks, type Marks } from './draw-marks.ts'
import { levelOf, type Grid } from './grid.ts'
import { Pace } from './pace.ts'
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

const askEvery = 80 // ms between levels of zoom that are asked for: those that only fly by are drawn from what is known
const overviewEvery = 250 // ms, while cells arrive

/** Paints at most once a frame, on one opaque canvas; cells that are known in colour already are not painted again. */
export function usePainter(canvas: Readonly<Ref<HTMLCanvasElement | null>>, shown: Shown): void {
  const { pixelRatio } = useDevicePixelRatio()
  const scratch = new Scratch()
  const railScratch = new Scratch()
  const band = new Band()
  let overview: { level: number; colours: Uint32Array; turn: number } | null = null
  let asked = -1 // level
  let frame = 0
  const ask = (): void => {
    if (frame === 0) frame = requestAnimationFrame(paint)
  }
  const asking = new Pace(askEvery, ask)
  const overviews = new Pace(overviewEvery, ask)

  function paint(): void {
    frame = 0
    const grid = shown.grid.value
    if (!grid || !canvas.value) return
    const [palette, picture, ratio] = [shown.palette.value, shown.picture.value, pixelRatio.value]
    const width = gutter + grid.width + rail
    const level = levelOf(grid.level)
    const first = grid.firstRow * grid.level.columns
    const end = Math.min(grid.endRow * grid.level.columns, Math.ceil(grid.pages / grid.level.pagesPerCell))
    const coarse = railLevel(grid.pages, grid.height, ratio)
    const coarseEnd = Math.ceil(grid.pages / 2 ** coarse)
    if (level === asked || asking.due()) {
      asked = level
      shown.look?.([
        { level, first, end },
        { level: coarse, first: 0, end: coarseEnd }
      ])
    }
    const context = prepare(canvas.value, width, grid.height, ratio, palette.ground)
    if (!context || !picture) return
    drawCells(context, grid, band.paint(picture, shown.turn.value, level, first, end), palette, ratio, scratch)
    drawAddresses(context, grid, shown.regions.value, palette)
    drawSeams(context, grid, shown.regions.value, palette)
    drawRail(context, grid, overviewOf(picture, coarse, coarseEnd), width, railScratch)
    drawMarks(context, grid, shown.marks.value, palette, width)
  }

  function overviewOf(picture: Picture, level: number, end: number): Uint32Array {
    const turn = shown.turn.value
    const fits = overview?.level === level && overview.colours.length === end
    if (!overview || !fits || (overview.turn !== turn && overviews.due()))
      overview = { level, turn, colours: paintCells(picture, level, 0, end).colours }
    return overview.colours
  }

  watch([shown.picture, shown.palette], () => (overview = null), { flush: 'sync' })
  watch([shown.grid, shown.picture, shown.turn, shown.palette, shown.regions, shown.marks, pixelRatio, canvas], ask, {
    immediate: true,
    flush: 'post'
  })
  onScopeDispose(() => {
    cancelAnimationFrame(frame)
    asking.end()
    overviews.end()
  })
}
