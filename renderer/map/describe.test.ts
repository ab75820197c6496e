// SPDX-License-Identifier: GPL-2.0-or-later
import { expect, test } from 'vitest'
import type { Allocation, Usage } from '@api'
import { cellFlags } from './cell-flags.ts'
import { describeCell, describeMap, type Described } from './describe.ts'
import { Runs } from './runs.ts'

const { free, metadata, allocated, first, bad, absent } = cellFlags
const allocations = [
  { page: 2, pages: 2, pfn: 0x10002, address: 0x10002000, record: { name: 'dma', owner: 'vfio' } },
  { page: 4, pages: 1, pfn: 0x10004, address: 0x10004000, record: null }
] as Allocation[]
const states = [metadata, free, allocated | first, allocated, allocated | first, bad, free, metadata]

/** Cells of several pages out of those of single pages. */
function cellOf(pages: readonly number[]): Described['cell'] {
  return (level, cell) => {
    const inside = pages.slice(cell * 2 ** level, (cell + 1) * 2 ** level)
    const used = inside.filter((state) => (state & free) === 0).length
    return Uint8Array.of(
      inside.reduce((all, state) => all | state, 0),
      Math.round((255 * used) / inside.length)
    )
  }
}
const pool: Described = {
  pages: 8,
  regions: [{ firstPage: 0, pages: 8, dataFirst: 1, dataEnd: 7, directory: [], base: 0x10000000, error: null }],
  runs: new Runs(allocations),
  cell: cellOf(states)
}

test.each([
  [2, 1, 'Page 2', ['0x10002000 · pfn 0x10002', 'named, first page', 'dma · vfio · 2 pages (order 1)']],
  [3, 1, 'Page 3', ['0x10003000 · pfn 0x10003', 'named', 'dma · vfio · 2 pages (order 1)']],
  [4, 1, 'Page 4', ['0x10004000 · pfn 0x10004', 'allocated, first page', 'unnamed · 1 page (order 0)']],
  [5, 1, 'Page 5', ['0x10005000 · pfn 0x10005', 'bad']],
  [1, 1, 'Page 1', ['0x10001000 · pfn 0x10001', 'free']],
  [
    0,
    4,
    'Pages 0 to 3',
    ['0x10000000 · pfn 0x10000', 'free, metadata, named, 75 % in use', 'dma · vfio · 2 pages (order 1)']
  ],
  [0, 8, 'Pages 0 to 7', ['0x10000000 · pfn 0x10000', 'free, metadata, allocated, bad, 75 % in use', '2 allocations']],
  [2, 2, 'Pages 2 to 3', ['0x10002000 · pfn 0x10002', 'named', 'dma · vfio · 2 pages (order 1)']]
])('page %d with %d to a cell', (page, count, title, lines) => {
  expect(describeCell(pool, page, count)).toMatchObject({ title, lines })
})

test('what is not read yet is not called free', () => {
  const unread: Described = { ...pool, cell: () => new Uint8Array(2) }
  expect(describeCell(unread, 1, 1).lines[1]).toBe('not read yet')
  expect(describeCell(unread, 0, 4).lines[1]).toBe('not read yet')
})

test('of several regions it says which, and where there is no page', () => {
  const second = { firstPage: 512, pages: 8, dataFirst: 514, dataEnd: 519, directory: [], base: 0x4000000, error: null }
  const pages = [...states, ...Array.from({ length: 504 }, () => absent), ...states]
  const two: Described = { ...pool, pages: 520, regions: [...pool.regions, second], cell: cellOf(pages) }
  expect(describeCell(two, 1, 1).lines[0]).toBe('0x10001000 · pfn 0x10001 · region 0')
  expect(describeCell(two, 512, 1).lines[0]).toBe('0x4000000 · pfn 0x4000 · region 1')
  expect(describeCell(two, 100, 1).lines).toEqual(['between two regions', 'no page'])
})

test('the whole map is said in one sentence', () => {
  const usage = { pagesFree: 2, pagesMetadata: 2, pagesAllocated: 3, pagesBad: 1, allocations: 2 } as Usage
  expect(describeMap(usage, 2)).toBe(
    'Page map: 32 KiB, 8 pages; 2 free, 2 metadata, 1 allocated, 2 named, 1 bad; 2 allocations.'
  )
  // a list that was cut does not tell how many of the rest have names
  expect(describeMap(usage, null)).toBe(
    'Page map: 32 KiB, 8 pages; 2 free, 2 metadata, 3 allocated, 1 bad; 2 allocations.'
  )
})
