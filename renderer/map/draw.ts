// SPDX-License-Identifier: GPL-2.0-or-later
/** The map on a Canvas 2D: no GPU needed. Cells are pixels of a small image that is drawn large, lines lie over it. */
import { formatHex } from '../composables/format.ts'
import { cellFlags } from './cell-flags.ts'
import type { Painted } from './cells.ts'
import type { Grid } from './grid.ts'
import { addressOf, type RegionShape } from './regions.ts'
import { pixelOf, type Palette } from './palette.ts'

/** Room left of the cells for the address of each row. */
export const gutter = 96
/** Width of the overview at the right edge. */
export const rail = 26
const railGap = 8
const lineHeight = 14
const leastWithGap = 5 // CSS pixels; smaller cells stand side by side
const leastWithMark = 8

type Context = CanvasRenderingContext2D

/** Edges of cells on whole device pixels, so that gaps are equal and sharp. */
function edges(count: number, size: number, start: number, ratio: number): Float64Array {
  const all = new Float64Array(count + 1)
  for (let index = 0; index <= count; index++) all[index] = Math.round((start + index * size) * ratio) / ratio
  return all
}

/**
 * Size the canvas for the screen and clear it; answers the context in CSS pixels. One with a ground is opaque: without a
 * GPU that halves what it costs to put it on screen.
 */
export function prepare(
  canvas: HTMLCanvasElement,
  width: number,
  height: number,
  ratio: number,
  ground?: string
): Context | null {
  const [pixelWidth, pixelHeight] = [Math.round(width * ratio), Math.round(height * ratio)]
  if (canvas.width !== pixelWidth) canvas.width = pixelWidth
  if (canvas.height !== pixelHeight) canvas.height = pixelHeight
  const context = canvas.getContext('2d', { alpha: ground === undefined })
  context?.setTransform(ratio, 0, 0, ratio, 0, 0)
  if (ground === undefined) context?.clearRect(0, 0, width, height)
  else if (context) {
    context.fillStyle = ground
    context.fillRect(0, 0, width + 1, height + 1) // the last pixel of a fractional size too
  }
  return context
}

/** A small image, kept from frame to frame. */
export class Scratch {
  #image: ImageData | null = null
  readonly #canvas = document.createElement('canvas')
  readonly #context = this.#canvas.getContext('2d', { willReadFrequently: true })

  /** Cleared pixels of this size. */
  pixels(width: number, height: number): Uint32Array {
    if (this.#image?.width !== width || this.#image.height !== height) {
      this.#image = new ImageData(width, height)
      this.#canvas.width = width
      this.#canvas.height = height
    }
    return new Uint32Array(this.#image.data.buffer).fill(0)
  }

  /** Draw them into a box of the context, each pixel a rectangle. */
  draw(context: Context, x: number, y: number, width: number, height: number): void {
    if (!this.#image || !this.#context) return
    this.#context.putImageData(this.#image, 0, 0)
    context.imageSmoothingEnabled = false
    context.drawImage(this.#canvas, x, y, width, height)
  }
}

/** The rows in view, with the first page of each allocation marked once cells are pages. */
export function drawCells(
  context: Context,
  grid: Grid,
  { colours, flags }: Painted,
  palette: Palette,
  ratio: number,
  scratch: Scratch
): void {
  const { columns, pagesPerCell, cellWidth, cellHeight } = grid.level
  const rows = grid.endRow - grid.firstRow
  if (rows <= 0) return
  const parts = pagesPerCell === 1 && cellWidth >= leastWithMark ? 4 : 1
  const pixels = scratch.pixels(columns * parts, rows)
  if (parts === 1) pixels.set(colours.subarray(0, pixels.length))
  else {
    const first = pixelOf(palette.first)
    for (let cell = 0; cell < colours.length && cell * parts < pixels.length; cell++) {
      pixels.fill(colours[cell]!, cell * parts, (cell + 1) * parts)
      if (flags[cell * 2]! & cellFlags.first) pixels[cell * parts] = first
    }
  }
  const xs = edges(columns, cellWidth, gutter, ratio)
  const ys = edges(rows, cellHeight, (grid.firstRow - grid.top) * cellHeight, ratio)
  const [left, right, top, bottom] = [xs[0]!, xs[columns]!, ys[0]!, ys[rows]!]
  scratch.draw(context, left, top, right - left, bottom - top)
  if (Math.min(cellWidth, cellHeight) < leastWithGap) return
  context.fillStyle = palette.ground
  for (let column = 1; column <= columns; column++) context.fillRect(xs[column]! - 1, top, 1, bottom - top)
  for (let row = 1; row <= rows; row++) context.fillRect(left, ys[row]! - 1, right - left, 1)
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

interface Seam extends RegionShape {
  readonly medium?: string
  readonly index?: number
}

/** Where a region ends and the next begins: a line along the cells, with its number and address. */
export function drawSeams(context: Context, grid: Grid, regions: readonly Seam[], palette: Palette): void {
  if (regions.length < 2) return
  context.save()
  context.beginPath()
  context.rect(0, 0, gutter + grid.width, grid.height)
  context.clip()
  context.font = palette.font
  context.textAlign = 'right'
  context.textBaseline = 'middle'
  for (const [place, region] of regions.entries()) {
    if (region.firstPage === 0) continue
    const { x, y, height } = grid.boxOf(region.firstPage)
    if (y + height < 0 || y > grid.height) continue
    const right = gutter + grid.level.columns * grid.level.cellWidth
    context.strokeStyle = palette.cursor
    context.lineWidth = 1.5
    context.beginPath()
    context.moveTo(gutter - 4, y + (x > 0 ? height : 0))
    if (x > 0) context.lineTo(gutter + x, y + height)
    context.lineTo(gutter + x, y)
    context.lineTo(right, y)
    context.stroke()
    context.fillStyle = palette.ground // over the addresses that would stand there
    context.fillRect(0, y - lineHeight - 6, gutter - 4, 2 * lineHeight + 8)
    context.fillStyle = palette.cursor
    context.fillText(`region ${region.index ?? place}${region.error ? ' missing' : ''}`, gutter - 8, y - 7)
    context.fillText(formatHex(region.base), gutter - 8, y + 7)
  }
  context.restore()
}

/** Cells that the overview has: at most one to a device pixel, so that none is lost when it is drawn. */
export function railLevel(pages: number, height: number, ratio: number): number {
  let level = 0
  while (Math.ceil(pages / 2 ** level) > Math.max(1, Math.floor(height * ratio))) level++
  return level
}

const railBox = (width: number): { x: number; thick: number } => ({
  x: width - rail + railGap,
  thick: rail - railGap - 2
})

/** The whole pool as one column at the right edge. */
export function drawRail(context: Context, grid: Grid, colours: Uint32Array, width: number, scratch: Scratch): void {
  const { x, thick } = railBox(width)
  scratch.pixels(1, colours.length).set(colours)
  scratch.draw(context, x, 0, thick, grid.height)
}

/** The part of the overview that is in view, and what is marked. */
export function drawRailMarks(
  context: Context,
  grid: Grid,
  ticks: readonly { readonly page: number; readonly pages: number; readonly colour: string }[],
  palette: Palette,
  width: number
): void {
  const { x, thick } = railBox(width)
  const yOf = (page: number): number => (page / grid.pages) * grid.height
  for (const { page, pages, colour } of ticks) {
    context.fillStyle = colour
    context.fillRect(x - 5, Math.min(yOf(page), grid.height - 2), 4, Math.max(2, yOf(page + pages) - yOf(page)))
  }
  if (grid.visibleRows >= grid.rows) return
  context.strokeStyle = palette.cursor
  context.lineWidth = 1.5
  const high = Math.max(6, (grid.visibleRows / grid.rows) * grid.height)
  const y = Math.min((grid.top / grid.rows) * grid.height, grid.height - high)
  context.strokeRect(x - 1, y + 0.75, thick + 1.5, high - 1.5)
}
