// SPDX-License-Identifier: GPL-2.0-or-later
import { expect, test } from 'vitest'
import { atFraction, atRow, clampPlace, fractionOf, revealing, scrolledBy } from './scroll.ts'

// 16 TiB in rows of 8 bytes, 20 rows in view
const size = { rows: 2 ** 41, rowHeight: 18, height: 20 * 18 + 5 }
const last = 2 ** 41 - 20

test.each([
  [{ row: 0, pixel: 0 }, 5, { row: 0, pixel: 5 }],
  [{ row: 0, pixel: 5 }, 13, { row: 1, pixel: 0 }],
  [{ row: 3, pixel: 2 }, -3, { row: 2, pixel: 17 }],
  [{ row: 0, pixel: 5 }, -100, { row: 0, pixel: 0 }],
  [{ row: last - 1, pixel: 17 }, 1, { row: last, pixel: 0 }],
  [{ row: last, pixel: 0 }, 1, { row: last, pixel: 0 }]
])('from %j by %d pixels to %j', (from, pixels, to) => {
  expect(scrolledBy(from, pixels, size)).toEqual(to)
})

test('a pixel counts at the end of 2^41 rows', () => {
  const near = scrolledBy({ row: last - 5, pixel: 0 }, 1, size)
  expect(near).toEqual({ row: last - 5, pixel: 1 })
  expect(scrolledBy(near, -1, size)).toEqual({ row: last - 5, pixel: 0 })
})

test.each([
  [100, 110, 100], // in view already
  [100, 99, 99],
  [100, 119, 100],
  [100, 120, 101],
  [100, 5000, 5000 - 6],
  [5000, 3, 0]
])('from row %d, row %d is shown with row %d on top', (top, row, wanted) => {
  expect(revealing(atRow(top, size), row, size).row).toBe(wanted)
})

test('a row that is cut off at the top is shown whole', () => {
  expect(revealing({ row: 7, pixel: 3 }, 7, size)).toEqual({ row: 7, pixel: 0 })
})

test('the scrollbar reaches both ends', () => {
  expect(atFraction(1, size)).toEqual({ row: last, pixel: 0 })
  expect(fractionOf(atFraction(1, size), size)).toBe(1)
  expect(fractionOf(atFraction(0.25, size), size)).toBeCloseTo(0.25)
  expect(clampPlace({ row: -3, pixel: 4 }, size)).toEqual({ row: 0, pixel: 0 })
})

test('what fits whole does not scroll', () => {
  expect(scrolledBy({ row: 0, pixel: 0 }, 100, { ...size, rows: 5 })).toEqual({ row: 0, pixel: 0 })
  expect(fractionOf({ row: 0, pixel: 0 }, { ...size, rows: 5 })).toBe(0)
})
