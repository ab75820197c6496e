// SPDX-License-Identifier: GPL-2.0-or-later
/** Where pages stand on the map: levels of zoom, cells, rows. Lengths are CSS pixels. */

export interface Level {
  readonly columns: number
  readonly pagesPerCell: number
  readonly cellWidth: number
  readonly cellHeight: number
}

/** Cells of a level are those of pool/tiles at this level of theirs. */
export const levelOf = ({ pagesPerCell }: Level): number => Math.log2(pagesPerCell)

export interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

const minCell = 4
const wantedCell = 8
const maxCell = 28
const biggestZoom = 44

/** Powers of two, so that a row starts at a round address. */
function* powers(from: number, to: number): Generator<number> {
  for (let value = from; value <= to; value *= 2) yield value
}

/** How far a level is from filling the area with square cells; infinite where it does not fit. */
function misfit(level: Level, rows: number, height: number): number {
  if (level.cellWidth < minCell || level.cellHeight < minCell) return Infinity
  const unused = 1 - Math.min(1, (rows * level.cellHeight) / height)
  return Math.abs(Math.log2(level.cellWidth / level.cellHeight)) + unused
}

/** The level that shows the whole pool in the area with the fewest pages to a cell. */
export function fitLevel(width: number, height: number, pages: number): Level {
  for (const pagesPerCell of powers(1, 2 ** 40)) {
    const cells = Math.ceil(pages / pagesPerCell)
    let best: Level | undefined
    let bestMisfit = Infinity
    for (const columns of powers(8, 1024)) {
      const rows = Math.ceil(cells / columns)
      const cellWidth = Math.min(width / columns, maxCell)
      const level = { columns, pagesPerCell, cellWidth, cellHeight: Math.min(height / rows, cellWidth * 1.5, maxCell) }
      const value = misfit(level, rows, height)
      if (value < bestMisfit) [best, bestMisfit] = [level, value]
    }
    if (best) return best
    if (cells <= 8) break
  }
  const pagesPerCell = 2 ** Math.ceil(Math.log2(Math.max(1, pages / 8)))
  return { columns: 8, pagesPerCell, cellWidth: width / 8, cellHeight: Math.max(height, 1) }
}

/** All levels of zoom from the whole pool to single large pages. */
export function zoomLevels(width: number, height: number, pages: number): Level[] {
  const levels = [fitLevel(width, height, pages)]
  for (;;) {
    const last = levels[levels.length - 1]!
    const level = closer(last, width)
    if (!level) return levels
    levels.push(level)
  }
}

function closer({ columns, pagesPerCell, cellWidth, cellHeight }: Level, width: number): Level | undefined {
  if (pagesPerCell > 1) {
    const square = Math.max(wantedCell, Math.min(cellWidth, maxCell))
    return { columns, pagesPerCell: pagesPerCell / 2, cellWidth, cellHeight: square }
  }
  if (columns <= 8 || (width / columns) * 2 > biggestZoom) return undefined
  const doubled = Math.min((width / columns) * 2, biggestZoom)
  return {
    columns: columns / 2,
    pagesPerCell,
    cellWidth: doubled,
    cellHeight: Math.max(cellHeight, Math.min(doubled, maxCell))
  }
}

/** A level with the row (a fraction too) that stands at the top of the area. */
export class Grid {
  readonly level: Level
  readonly pages: number
  readonly width: number
  readonly height: number
  readonly top: number

  constructor(level: Level, pages: number, width: number, height: number, top: number) {
    this.level = level
    this.pages = pages
    this.width = width
    this.height = height
    this.top = Math.max(0, Math.min(top, this.rows - height / level.cellHeight))
  }

  get pagesPerRow(): number {
    return this.level.columns * this.level.pagesPerCell
  }

  get rows(): number {
    return Math.ceil(this.pages / this.pagesPerRow)
  }

  get visibleRows(): number {
    return this.height / this.level.cellHeight
  }

  get firstRow(): number {
    return Math.floor(this.top)
  }

  /** One past the last row that is at least partly in the area. */
  get endRow(): number {
    return Math.min(this.rows, Math.ceil(this.top + this.visibleRows))
  }

  /** This one itself where it can go no further. */
  scrolled(rows: number): Grid {
    const grid = new Grid(this.level, this.pages, this.width, this.height, this.top + rows)
    return grid.top === this.top ? this : grid
  }

  /** The first page of the cell at a point, or null beside the cells. */
  pageAt(x: number, y: number): number | null {
    const column = Math.floor(x / this.level.cellWidth)
    const row = Math.floor(y / this.level.cellHeight + this.top)
    if (x < 0 || y < 0 || column >= this.level.columns || row < 0) return null
    const page = row * this.pagesPerRow + column * this.level.pagesPerCell
    return page < this.pages ? page : null
  }

  rowOf(page: number): number {
    return Math.floor(page / this.pagesPerRow)
  }

  boxOf(page: number): Box {
    const column = Math.floor((page % this.pagesPerRow) / this.level.pagesPerCell)
    const { cellWidth: width, cellHeight: height } = this.level
    return { x: column * width, y: (this.rowOf(page) - this.top) * height, width, height }
  }

  /** One box a row that the run touches and that is in the area. */
  boxesOf(page: number, pages: number): Box[] {
    const boxes: Box[] = []
    const last = page + pages - 1
    const from = Math.max(this.rowOf(page), this.firstRow)
    const to = Math.min(this.rowOf(last), this.endRow - 1)
    for (let row = from; row <= to; row++) {
      const start = this.boxOf(Math.max(page, row * this.pagesPerRow))
      const end = this.boxOf(Math.min(last, (row + 1) * this.pagesPerRow - 1))
      boxes.push({ x: start.x, y: start.y, width: end.x + end.width - start.x, height: start.height })
    }
    return boxes
  }

  /** Whether at least half of the page's row is in the area. */
  shows(page: number): boolean {
    const middle = this.middleOf(page)
    return middle >= 0 && middle <= this.height
  }

  /** Scrolled by as little as brings the page's row into the area. */
  revealing(page: number): Grid {
    const row = this.rowOf(page)
    if (row < this.top) return this.scrolled(row - this.top)
    if (row + 1 > this.top + this.visibleRows) return this.scrolled(row + 1 - this.visibleRows - this.top)
    return this
  }

  /** Height of the middle of the page's row. */
  middleOf(page: number): number {
    return this.boxOf(page).y + this.level.cellHeight / 2
  }

  /** Another level, with the middle of the page's row at height y. */
  zoomed(level: Level, page: number, y: number): Grid {
    const perRow = level.columns * level.pagesPerCell
    const top = Math.floor(page / perRow) + 0.5 - y / level.cellHeight
    return new Grid(level, this.pages, this.width, this.height, top)
  }
}
