// SPDX-License-Identifier: GPL-2.0-or-later
import { describe, expect, test } from 'vitest'
import { fitLevel, Grid, zoomLevels } from './grid.ts'

const gib = 262_144

describe('fitLevel', () => {
  test.each([
    ['1 MiB', 256],
    ['64 MiB', 16_384],
    ['1 GiB', gib],
    ['1 GiB less a page', gib - 1],
    ['16 GiB', 16 * gib],
    ['16 TiB', 16_384 * gib]
  ])('shows all of %s, in rows that start at round addresses', (_, pages) => {
    for (const [width, height] of [
      [860, 300],
      [1500, 700],
      [400, 120]
    ] as const) {
      const level = fitLevel(width, height, pages)
      const rows = Math.ceil(pages / (level.columns * level.pagesPerCell))
      expect(level.columns * level.cellWidth).toBeLessThanOrEqual(width)
      expect(rows * level.cellHeight).toBeLessThanOrEqual(height + 1e-6)
      expect(Math.log2(level.columns * level.pagesPerCell) % 1).toBe(0)
      expect(Math.min(level.cellWidth, level.cellHeight)).toBeGreaterThanOrEqual(4)
    }
  })
})

describe('zoomLevels', () => {
  test('each level shows fewer pages in a row or the same in larger cells, down to single pages', () => {
    const levels = zoomLevels(1000, 400, gib)
    expect(levels.length).toBeGreaterThan(4)
    for (let index = 1; index < levels.length; index++) {
      const [before, after] = [levels[index - 1]!, levels[index]!]
      expect(after.columns * after.pagesPerCell).toBe((before.columns * before.pagesPerCell) / 2)
    }
    expect(levels.at(-1)).toMatchObject({ pagesPerCell: 1 })
    expect(levels.at(-1)!.cellWidth).toBeGreaterThan(20)
  })

  test.each([1, 7, 256])('a pool of %i pages has at least one level', (pages) => {
    expect(zoomLevels(1000, 400, pages).length).toBeGreaterThan(0)
  })
})

describe('Grid', () => {
  const level = { columns: 64, pagesPerCell: 4, cellWidth: 10, cellHeight: 8 }
  const grid = new Grid(level, 10_000, 640, 80, 3)

  test('pageAt undoes boxOf', () => {
    for (const page of [768, 772, 1020, 1024, 3000]) {
      const box = grid.boxOf(page)
      expect(grid.pageAt(box.x + 1, box.y + 1)).toBe(page)
    }
  })

  test.each([
    ['left of the cells', -1, 5],
    ['right of the cells', 641, 5],
    ['above', 5, -1],
    ['past the last page', 639, 8 * 37 - 1]
  ])('%s is no page', (_, x, y) => {
    expect(grid.pageAt(x, y)).toBeNull()
  })

  test('stays inside the pool however far it is scrolled', () => {
    expect(grid.scrolled(-100).top).toBe(0)
    expect(grid.scrolled(1e9).top).toBe(grid.rows - 10)
    expect(new Grid(level, 100, 640, 80, 5).top).toBe(0)
  })

  test('a run over three rows has three boxes: tail, whole row, head', () => {
    const boxes = grid.boxesOf(4 * 256 + 200, 56 + 256 + 8)
    expect(boxes.map(({ x, width }) => [x, width])).toEqual([
      [500, 140],
      [0, 640],
      [0, 20]
    ])
  })

  test('a run outside the area has no box', () => {
    expect(grid.boxesOf(0, 256)).toEqual([])
    expect(grid.boxesOf(9000, 10)).toEqual([])
  })

  test('revealing scrolls as little as needed', () => {
    expect(grid.revealing(4 * 256)).toBe(grid)
    expect(grid.revealing(0).top).toBe(0)
    expect(grid.revealing(20 * 256).top).toBe(11)
  })

  test('zoomed keeps the page where it was', () => {
    const page = 12 * 256
    const y = grid.boxOf(page).y + 4
    const closer = grid.zoomed({ ...level, pagesPerCell: 2 }, page, y)
    expect(closer.pageAt(5, y)).toBe(page)
  })

  test.each([0, 512, 16_384, 131_072, 262_143])('page %d stays in view however far one zooms in and out', (page) => {
    const levels = zoomLevels(1000, 400, gib)
    let now = new Grid(levels[0]!, gib, 1000, 400, 0)
    for (const to of [...levels.slice(1), ...levels.toReversed()]) {
      now = now.zoomed(to, page, now.middleOf(page))
      expect(now.middleOf(page)).toBeGreaterThan(0)
      expect(now.middleOf(page)).toBeLessThan(400)
    }
  })
})

describe('at the edges of sizes', () => {
  test.each([1, 7, 8, 511, 2 ** 32 + 1, 2 ** 36 - 1, 2 ** 40])(
    '%d pages: the last is found where it is drawn',
    (pages) => {
      for (const level of zoomLevels(1400, 500, pages)) {
        const grid = new Grid(level, pages, 1400, 500, Infinity)
        const { x, y, width, height } = grid.boxOf(pages - 1)
        expect(y + height).toBeLessThanOrEqual(500 + 0.01)
        const cell = Math.floor((pages - 1) / level.pagesPerCell) * level.pagesPerCell
        expect(grid.pageAt(x + width / 2, y + height / 2)).toBe(cell)
        if (pages % (level.pagesPerCell * level.columns) !== 0 && x + width * 1.5 < 1400)
          expect(grid.pageAt(x + width * 1.5, y + height / 2)).toBe(null)
      }
    }
  )
})
