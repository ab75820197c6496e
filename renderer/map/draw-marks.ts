// SPDX-License-Identifier: GPL-2.0-or-later
/** What lies over the cells and changes often: selection, range, what is under the pointer, the cursor, bookmarks. */
import { drawRailMarks, gutter } from './draw.ts'
import type { Box, Grid } from './grid.ts'
import type { Palette } from './palette.ts'
import type { Run } from './runs.ts'

export interface Marks {
  readonly selection: readonly Run[]
  /** the allocation under the pointer, whole */
  readonly hovered: Run | null
  /** first page of the cell under the pointer */
  readonly cell: number | null
  readonly cursor: number | null
  readonly range: Run | null
  readonly bookmarks: readonly number[]
}

export const noMarks: Marks = { selection: [], hovered: null, cell: null, cursor: null, range: null, bookmarks: [] }

type Context = CanvasRenderingContext2D
const right = (box: Box): number => gutter + box.x + box.width
const bottom = (box: Box): number => box.y + box.height

function outline(context: Context, { x, y, width, height }: Box, grow: number): void {
  context.strokeRect(gutter + x - 0.5 - grow, y - 0.5 - grow, width + grow * 2, height + grow * 2)
}

/** Around a run of several rows: the first from its column to the end, the last from the start to its column. */
function outlineRun(context: Context, boxes: readonly Box[]): void {
  const [first, last] = [boxes[0], boxes.at(-1)]
  if (!first || !last) return
  if (first === last) return outline(context, first, 0.5)
  if (boxes.length === 2 && first.x >= last.x + last.width) {
    outline(context, first, 0.5)
    return outline(context, last, 0.5)
  }
  const left = gutter - 1
  const edge = right(boxes.length > 2 ? boxes[1]! : first)
  context.beginPath()
  context.moveTo(gutter + first.x - 1, first.y - 1)
  context.lineTo(right(first), first.y - 1)
  context.lineTo(edge, last.y - 1)
  context.lineTo(right(last), last.y - 1)
  context.lineTo(right(last), bottom(last))
  context.lineTo(left, bottom(last))
  context.lineTo(left, bottom(first))
  context.lineTo(gutter + first.x - 1, bottom(first))
  context.closePath()
  context.stroke()
}

function drawBookmarks(context: Context, grid: Grid, pages: readonly number[], palette: Palette): void {
  context.fillStyle = palette.bookmark
  for (const page of pages) {
    const { x, y } = grid.boxOf(page)
    if (y < -8 || y > grid.height) continue
    context.beginPath()
    context.moveTo(gutter + x - 0.5, y - 0.5)
    context.lineTo(gutter + x + 7, y - 0.5)
    context.lineTo(gutter + x - 0.5, y + 7)
    context.fill()
  }
}

export function drawMarks(context: Context, grid: Grid, marks: Marks, palette: Palette, width: number): void {
  context.save()
  context.beginPath()
  context.rect(0, -2, gutter + grid.width + 4, grid.height + 4)
  context.clip()
  if (marks.range) {
    const boxes = grid.boxesOf(marks.range.page, marks.range.pages)
    context.fillStyle = palette.range
    context.globalAlpha = 0.22
    for (const { x, y, width: wide, height } of boxes) context.fillRect(gutter + x - 0.5, y - 0.5, wide, height)
    context.globalAlpha = 1
    context.strokeStyle = palette.range
    context.lineWidth = 1.5
    outlineRun(context, boxes)
  }
  context.strokeStyle = palette.selection
  context.lineWidth = 2
  for (const { page, pages } of marks.selection) outlineRun(context, grid.boxesOf(page, pages))
  context.strokeStyle = palette.hover
  if (marks.hovered) {
    context.lineWidth = 1.5
    outlineRun(context, grid.boxesOf(marks.hovered.page, marks.hovered.pages))
  }
  context.lineWidth = 1
  if (marks.cell !== null) outline(context, grid.boxOf(marks.cell), 0)
  if (marks.cursor !== null) {
    context.strokeStyle = palette.cursor
    context.lineWidth = 2
    outline(context, grid.boxOf(marks.cursor), 1)
  }
  drawBookmarks(context, grid, marks.bookmarks, palette)
  context.restore()
  const ticks = marks.bookmarks.map((page) => ({ page, pages: 1, colour: palette.bookmark }))
  if (marks.range) ticks.unshift({ ...marks.range, colour: palette.range })
  for (const { page, pages } of marks.selection) ticks.push({ page, pages, colour: palette.selection })
  drawRailMarks(context, grid, ticks, palette, width)
}
