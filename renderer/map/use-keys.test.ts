// SPDX-License-Identifier: GPL-2.0-or-later
import { expect, test } from 'vitest'
import { Grid } from './grid.ts'
import { moved } from './use-keys.ts'

// 32 rows of 64 cells of 4 pages, 10 rows in view
const grid = new Grid({ columns: 64, pagesPerCell: 4, cellWidth: 10, cellHeight: 8 }, 8190, 640, 80, 0)

test.each([
  ['ArrowRight', 0, 4],
  ['ArrowLeft', 0, 0],
  ['ArrowLeft', 8, 4],
  ['ArrowDown', 4, 260],
  ['ArrowUp', 4, 4],
  ['ArrowUp', 260, 4],
  ['ArrowDown', 8100, 8100],
  ['PageDown', 0, 9 * 256],
  ['PageUp', 256, 0],
  ['End', 0, 8188],
  ['ArrowRight', 8188, 8188],
  ['Home', 4000, 0],
  ['ArrowRight', 6, 8], // a cursor from before a zoom stands inside a cell
  ['x', 0, null]
])('%s from page %d goes to %j', (key, from, to) => {
  expect(moved(key, from, grid)).toBe(to)
})
