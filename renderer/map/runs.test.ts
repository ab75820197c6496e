// SPDX-License-Identifier: GPL-2.0-or-later
import { expect, test } from 'vitest'
import { Runs } from './runs.ts'

const runs = new Runs([
  { page: 10, pages: 4 },
  { page: 20, pages: 1 },
  { page: 21, pages: 9 },
  { page: 64, pages: 64 }
])

test.each([
  [9, null],
  [10, 10],
  [13, 10],
  [14, null],
  [20, 20],
  [21, 21],
  [29, 21],
  [127, 64],
  [128, null]
])('page %d belongs to the run at %j', (page, first) => {
  expect(runs.at(page)?.page ?? null).toBe(first)
})

test.each([
  ['one that begins in it', 16, 32, 20, 2],
  ['one that reaches into it', 24, 28, 21, 1],
  ['none', 30, 60, null, 0],
  ['all', 0, 1000, 10, 4]
])('a cell with %s', (_, from, to, first, count) => {
  expect(runs.inside(from, to)?.page ?? null).toBe(first)
  expect(runs.count(from, to)).toBe(count)
})

test('reaching is the first with a page there or later', () => {
  expect([0, 12, 14, 100, 128].map((page) => runs.reaching(page))).toEqual([0, 0, 1, 3, 4])
})
