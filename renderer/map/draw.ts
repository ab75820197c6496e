// SPDX-License-Identifier: GPL-2.0-or-later
/** The map on a Canvas 2D: no GPU needed, a whole redraw is a few thousand rectangles. */
import { formatHex } from '../composables/format.ts'
import type { Box, Grid } from './grid.ts'
import { ABSENT, aggregate, FIRST, FREE, KIND_MASK, METADATA, pageKinds } from './pages.ts'
import { addressOf, type RegionShape } from './regions.ts'
import type { Palette } from './palette.ts'

/** Room left of the cells for the address of each row. */
export const gutter = 96
/** Width of the overview at the right edge. */
export const rail = 16
const railGap = 8
const gap = 1
const lineHeight = 14

type Context = CanvasRenderingContext2D

/** Edges of cells on whole device pixels, so that gaps are equal and sharp. */
function edges(count: number, size: number, start: number, ratio: number): Float64Array {
  return Float64Array.from({ length: count + 1 }, (_, index) => Math.round((start + index * size) * ratio) / ratio)
}

/** Size the canvas for the screen and clear it; answers the context in CSS pixels. */
export function prepare(canvas: HTMLCanvasElement, width: number, height: number, ratio: number): Context | null {
  const [pixelWidth, pixelHeight] = [Math.round(width * ratio), Math.round(height * ratio)]
  if (canvas.width !== pixelWidth) canvas.width = pixelWidth
  if (canvas.height !== pixelHeight) canvas.height = pixelHeight
  const context = canvas.getContext('2d')
  context?.setTransform(ratio, 0, 0, ratio, 0, 0)
  context?.clearRect(0, 0, width, height)
  return context
}

/** The cells in view. A cell of several pages is filled from below by what is not free, never by less than a pixel. */
export function drawCells(context: Context, grid: Grid, kinds: Uint8Array, palette: Palette, ratio: number): void {
  const { columns, pagesPerCell, cellWidth, cellHeight } = grid.level
  const rows = grid.endRow - grid.firstRow
  const firstPage = grid.firstRow * grid.pagesPerRow
  const cells = Math.min(rows * columns, Math.ceil((grid.pages - firstPage) / pagesPerCell))
  const { top, filled } = aggregate(kinds, firstPage, pagesPerCell, cells)
  const xs = edges(columns, cellWidth, gutter, ratio)
  const ys = edges(rows, cellHeight, (grid.firstRow - grid.top) * cellHeight, ratio)
  const least = Math.max(2, cellHeight / 4)
  for (let kind = 0; kind < pageKinds.length; kind++) {
    context.fillStyle = palette.kinds[kind] ?? ''
    for (let cell = 0; cell < cells; cell++) {
      const shown = (top[cell] ?? FREE) & KIND_MASK
      const whole = shown === kind && (filled[cell] === 255 || kind === FREE)
      const row = Math.floor(cell / columns)
      const column = cell - row * columns
      const [x, y] = [xs[column]!, ys[row]!]
      const [width, height] = [xs[column + 1]! - x - gap, ys[row + 1]! - y - gap]
      if (whole || (kind === FREE && shown !== FREE && shown !== ABSENT)) {
        context.fillRect(x, y, width, height)
      } else if (shown === kind) {
        const part = Math.max(least, (height * filled[cell]!) / 255)
        context.fillRect(x, y + height - part, width, part)
      }
    }
  }
  if (pagesPerCell === 1) drawFirstMarks(context, grid, top, xs, ys, palette)
}

/** Where allocations begin, once each page has a cell of its own. */
function drawFirstMarks(
  context: Context,
  grid: Grid,
  top: Uint8Array,
  xs: Float64Array,
  ys: Float64Array,
  palette: Palette
): void {
  const { columns, cellWidth } = grid.level
  const width = Math.max(2, Math.min(4, cellWidth / 4))
  context.fillStyle = palette.first
  for (let cell = 0; cell < top.length; cell++) {
    if (!((top[cell] ?? 0) & FIRST)) continue
    const row = Math.floor(cell / columns)
    context.fillRect(xs[cell - row * columns]!, ys[row]!, width, ys[row + 1]! - ys[row]! - gap)
  }
}

/** Physical addresses of the rows, as many as fit. */
export function drawAddresses(context: Context, grid: Grid, regions: readonly RegionShape[], palette: Palette): void {
  const every = Math.max(1, Math.ceil(lineHeight / grid.level.cellHeight))
  const step = 2 ** Math.ceil(Math.log2(every))
  context.fillStyle = palette.text
  context.font = palette.font
  context.textAlign = 'right'
  context.textBaseline = 'top'
  const first = Math.ceil(grid.top / step) * step
  for (let row = first; row < grid.endRow; row += step) {
    const y = (row - grid.top) * grid.level.cellHeight
    if (y + lineHeight - 3 > grid.height) break
    const address = addressOf(regions, row * grid.pagesPerRow)
    if (address !== null) context.fillText(formatHex(address), gutter - 8, y)
  }
}

/** The whole pool as one column of lines at the right edge, with the part that is in view. */
export function drawRail(context: Context, grid: Grid, kinds: Uint8Array, palette: Palette, width: number): void {
  const lines = Math.max(1, Math.floor(grid.height))
  const perLine = kinds.length / lines
  const x = width - rail + railGap / 2
  const thick = rail - railGap / 2
  for (let line = 0; line < lines; line++) {
    const from = Math.floor(line * perLine)
    const count = Math.max(1, Math.ceil((line + 1) * perLine) - from)
    const { top } = aggregate(kinds.subarray(from, from + count), 0, count, 1)
    const kind = (top[0] ?? FREE) & KIND_MASK
    if (kind === ABSENT) continue
    context.fillStyle = palette.kinds[kind === METADATA ? METADATA : kind] ?? ''
    context.fillRect(x, line, thick, 1)
  }
  if (grid.visibleRows >= grid.rows) return
  context.strokeStyle = palette.cursor
  context.lineWidth = 1.5
  const y = (grid.top / grid.rows) * grid.height
  context.strokeRect(x - 1, y, thick + 0.5, Math.max(6, (grid.visibleRows / grid.rows) * grid.height))
}

function outline(context: Context, { x, y, width, height }: Box, grow: number): void {
  context.strokeRect(gutter + x - 0.5 - grow, y - 0.5 - grow, width + grow * 2, height + grow * 2)
}

/** Around a run of several rows: the first from its column to the end, the last from the start to its column. */
function outlineRun(context: Context, boxes: readonly Box[]): void {
  const [first, last] = [boxes[0], boxes.at(-1)]
  if (!first || !last) return
  if (first === last) return outline(context, first, 0.5)
  const right = (box: Box): number => gutter + box.x + box.width
  const bottom = (box: Box): number => box.y + box.height
  context.beginPath()
  context.moveTo(gutter + first.x - 1, first.y - 1)
  context.lineTo(right(first), first.y - 1)
  context.lineTo(right(first), last.y)
  context.lineTo(right(last), last.y)
  context.lineTo(right(last), bottom(last))
  context.lineTo(gutter + last.x - 1, bottom(last))
  context.lineTo(gutter + last.x - 1, bottom(first))
  context.lineTo(gutter + first.x - 1, bottom(first))
  context.closePath()
  context.stroke()
}

/** What lies over the cells and changes often: selection, cell under the pointer, cursor of the keyboard. */
export interface Marks {
  readonly selection: { readonly page: number; readonly pages: number } | null
  readonly hovered: number | null
  readonly cursor: number | null
}

export function drawMarks(context: Context, grid: Grid, marks: Marks, palette: Palette): void {
  context.save()
  context.beginPath()
  context.rect(0, -2, gutter + grid.width + 4, grid.height + 4)
  context.clip()
  context.strokeStyle = palette.selection
  context.lineWidth = 2
  if (marks.selection) outlineRun(context, grid.boxesOf(marks.selection.page, marks.selection.pages))
  context.strokeStyle = palette.cursor
  context.lineWidth = 1
  if (marks.hovered !== null) outline(context, grid.boxOf(marks.hovered), 0)
  if (marks.cursor !== null) {
    context.lineWidth = 2
    outline(context, grid.boxOf(marks.cursor), 1)
  }
  context.restore()
}
