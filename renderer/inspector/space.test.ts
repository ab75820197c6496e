// SPDX-License-Identifier: GPL-2.0-or-later
import { expect, test } from 'vitest'
import { PoolSpace } from './space.ts'

const region = (firstPage: number, pages: number, base: number, error: object | null = null) => ({
  firstPage,
  pages,
  base,
  dataFirst: firstPage,
  dataEnd: firstPage + pages,
  directory: [],
  error
})
// 100 pages, a gap up to page 512, 8 pages that are missing
const space = new PoolSpace({ pages: 520, regions: [region(0, 100, 0x1000_0000), region(512, 8, 0x5000_0000, {})] })

test('a pool is cut into what can be read, what is missing and what never was', () => {
  expect(space.segments.map(({ kind, from, to }) => [kind, from / 4096, to / 4096])).toEqual([
    ['region', 0, 100],
    ['gap', 100, 512],
    ['missing', 512, 520]
  ])
})

test.each([
  [0, 0x1000_0000],
  [100 * 4096 - 1, 0x1000_0000 + 100 * 4096 - 1],
  [100 * 4096, null],
  [512 * 4096 + 3, 0x5000_0003],
  [520 * 4096, null]
])('offset %d has the address %j', (offset, address) => {
  expect(space.addressOf(offset)).toBe(address)
  if (address !== null) expect(space.offsetOf(address)).toBe(offset)
})

test('only what is there is read, cut at the edges', () => {
  expect(space.readable(99 * 4096, 514 * 4096)).toEqual([{ from: 99 * 4096, to: 100 * 4096 }])
  expect(space.readable(200 * 4096, 300 * 4096)).toEqual([])
})

test('16 TiB keep every byte apart', () => {
  const large = new PoolSpace({ pages: 2 ** 32, regions: [region(0, 2 ** 32, 0x1_0000_0000)] })
  expect(large.size).toBe(2 ** 44)
  expect(large.addressOf(2 ** 44 - 1)).toBe(2 ** 44 - 1 + 0x1_0000_0000)
  expect(large.offsetOf(2 ** 44 + 0x1_0000_0000)).toBeNull()
})
