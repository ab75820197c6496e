// SPDX-License-Identifier: GPL-2.0-or-later
import { expect, test } from 'vitest'
import { addressOf, regionAt, type RegionShape } from './regions.ts'

const region = (firstPage: number, pages: number, base: number): RegionShape => ({
  firstPage,
  pages,
  base,
  dataFirst: firstPage + 2,
  dataEnd: firstPage + pages - 1,
  directory: [],
  error: null
})
const [low, high] = [region(0, 300, 0x10000000), region(512, 1024, 0x4000000)]

test.each([
  [0, low, 0x10000000],
  [299, low, 0x10000000 + 299 * 4096],
  [300, null, null],
  [511, null, null],
  [512, high, 0x4000000],
  [1535, high, 0x4000000 + 1023 * 4096],
  [1536, null, null]
])('page %d', (page, expected, address) => {
  expect(regionAt([low, high], page)).toBe(expected)
  expect(addressOf([low, high], page)).toBe(address)
})

test('a region that is there comes before one that claims its place', () => {
  const contender = { ...high, base: 0x7000000, error: {} }
  expect(addressOf([low, contender, high], 512)).toBe(0x4000000)
  expect(addressOf([low, contender], 512)).toBe(0x7000000)
})
