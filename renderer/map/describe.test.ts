// SPDX-License-Identifier: GPL-2.0-or-later
import { expect, test } from 'vitest'
import type { Allocation } from '@api'
import { describeCell, describeMap, type Described } from './describe.ts'
import { ABSENT, ALLOCATED, BAD, countKinds, FIRST, FREE, METADATA, NAMED } from './pages.ts'

const allocations = [
  { page: 2, pages: 2, pfn: 0x10002, address: 0x10002000, record: { name: 'dma', owner: 'vfio' } },
  { page: 4, pages: 1, pfn: 0x10004, address: 0x10004000, record: null }
] as Allocation[]
const pool: Described = {
  pages: 8,
  regions: [{ firstPage: 0, pages: 8, dataFirst: 1, dataEnd: 7, directory: [], base: 0x10000000, error: null }],
  kinds: new Uint8Array([METADATA, FREE, NAMED | FIRST, NAMED, ALLOCATED | FIRST, BAD, FREE, METADATA]),
  allocations
}

test.each([
  [2, 1, 'Page 2', ['0x10002000 · pfn 0x10002', 'named, first page', 'dma · vfio · 2 pages (order 1)']],
  [4, 1, 'Page 4', ['0x10004000 · pfn 0x10004', 'allocated, first page', 'unnamed · 1 page (order 0)']],
  [1, 1, 'Page 1', ['0x10001000 · pfn 0x10001', 'free']],
  [0, 4, 'Pages 0 to 3', ['0x10000000 · pfn 0x10000', '1 free, 1 metadata, 2 named', 'dma · vfio · 2 pages (order 1)']],
  [
    0,
    8,
    'Pages 0 to 7',
    ['0x10000000 · pfn 0x10000', '2 free, 2 metadata, 1 allocated, 2 named, 1 bad', '2 allocations']
  ],
  [
    4,
    8,
    'Pages 4 to 7',
    ['0x10004000 · pfn 0x10004', '1 free, 1 metadata, 1 allocated, 1 bad', 'unnamed · 1 page (order 0)']
  ]
])('page %d with %d to a cell', (first, count, title, lines) => {
  expect(describeCell(pool, first, count)).toMatchObject({ title, lines })
})

test('of several regions it says which, and where there is no page', () => {
  const second = { firstPage: 512, pages: 8, dataFirst: 514, dataEnd: 519, directory: [], base: 0x4000000, error: null }
  const kinds = new Uint8Array(520).fill(ABSENT)
  kinds.set(pool.kinds)
  const two: Described = { ...pool, pages: 520, kinds, regions: [...pool.regions, second] }
  expect(describeCell(two, 1, 1).lines[0]).toBe('0x10001000 · pfn 0x10001 · region 0')
  expect(describeCell(two, 512, 1).lines[0]).toBe('0x4000000 · pfn 0x4000 · region 1')
  expect(describeCell(two, 100, 1).lines).toEqual(['between two regions', 'no page'])
})

test('the whole map is said in one sentence', () => {
  expect(describeMap(countKinds(pool.kinds))).toBe(
    'Page map: 32 KiB, 8 pages; 2 free, 2 metadata, 1 allocated, 2 named, 1 bad; 2 allocations.'
  )
})
