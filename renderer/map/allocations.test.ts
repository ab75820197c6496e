// SPDX-License-Identifier: GPL-2.0-or-later
import { describe, expect, test } from 'vitest'
import type { Allocation } from '@api'
import {
  allocationAt,
  allocationIn,
  allocationsIn,
  matching,
  withAllocation,
  withoutAllocation
} from './allocations.ts'

const run = (page: number, pages: number, name = ''): Allocation => ({
  page,
  pages,
  pfn: page,
  address: page * 4096,
  record: name ? { id: page, name, owner: 'iommu', purpose: 'tables', createdAt: 0, bootId: '' } : null
})
const list = [run(10, 4), run(20, 1, 'vfio state'), run(21, 9), run(64, 64, 'log')]

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
])('page %d belongs to the allocation at %j', (page, first) => {
  expect(allocationAt(list, page)?.page ?? null).toBe(first)
})

test.each([
  ['one that starts in it', 16, 32, 20, 2],
  ['one that reaches into it', 24, 28, 21, 1],
  ['none', 30, 60, null, 0],
  ['all', 0, 1000, 10, 4]
])('a cell with %s', (_, from, to, first, count) => {
  expect(allocationIn(list, from, to)?.page ?? null).toBe(first)
  expect(allocationsIn(list, from, to)).toBe(count)
})

test('adding keeps the order and replaces what stood at the same page', () => {
  expect(withAllocation(list, run(15, 2)).map(({ page }) => page)).toEqual([10, 15, 20, 21, 64])
  expect(withAllocation(list, run(20, 1)).map(({ record }) => record?.name)).toEqual([
    undefined,
    undefined,
    undefined,
    'log'
  ])
  expect(withAllocation([], run(1, 1))).toHaveLength(1)
})

test('removing leaves the others', () => {
  expect(withoutAllocation(list, 21).map(({ page }) => page)).toEqual([10, 20, 64])
})

describe('matching', () => {
  test.each([
    ['', 4],
    ['VFIO', 1],
    ['iommu log', 1],
    ['0x14000', 1],
    ['nothing of it', 0]
  ])('%j finds %d', (filter, count) => {
    expect(matching(list, filter)).toHaveLength(count)
  })
})
