// SPDX-License-Identifier: GPL-2.0-or-later
import { describe, expect, test } from 'vitest'
import {
  ABSENT,
  aggregate,
  ALLOCATED,
  BAD,
  classifyPages,
  countKinds,
  FIRST,
  FREE,
  METADATA,
  NAMED,
  withRun,
  type PoolShape
} from './pages.ts'
import type { RegionShape } from './regions.ts'

const record = {}
const region = (firstPage: number, pages: number, error: object | null = null): RegionShape => ({
  firstPage,
  pages,
  base: 0,
  dataFirst: firstPage + 2,
  dataEnd: firstPage + pages - 1,
  directory: [],
  error
})
const shape = (pages: number): PoolShape => ({ pages, regions: [region(0, pages)] })

/** Words of a region out of one digit a page. */
function words(states: string): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(states.length / 32) * 8)
  ;[...states].forEach((state, page) => (bytes[page >> 2]! |= Number(state) << ((page & 3) << 1)))
  return bytes
}

describe('classifyPages', () => {
  test('tells free, first, continuing and bad pages, and metadata by its place', () => {
    const kinds = classifyPages(words('0030112000'), shape(10), [])
    expect([...kinds]).toEqual([
      METADATA,
      METADATA,
      ALLOCATED | FIRST,
      FREE,
      ALLOCATED,
      ALLOCATED,
      BAD,
      FREE,
      FREE,
      METADATA
    ])
  })

  test('colours the pages of named allocations, and of no other', () => {
    const kinds = classifyPages(words('003131000000'), shape(12), [
      { page: 2, pages: 2, record },
      { page: 4, pages: 2, record: null }
    ])
    expect([...kinds.slice(2, 6)]).toEqual([NAMED | FIRST, NAMED, ALLOCATED | FIRST, ALLOCATED])
  })

  test('believes the page states, not a record that says otherwise', () => {
    const kinds = classifyPages(words('000000000000'), shape(12), [{ page: 3, pages: 4, record }])
    expect(countKinds(kinds)).toMatchObject({ named: 0, allocated: 0, free: 9 })
  })

  test('finds no page between two regions, nor in one that is missing', () => {
    const regions = [region(0, 4), region(6, 4), region(12, 4, {})]
    const kinds = classifyPages(words('0000003000000000'), { pages: 16, regions }, [])
    expect([...kinds.subarray(3, 9)]).toEqual([METADATA, ABSENT, ABSENT, METADATA, METADATA, FREE])
    expect([...kinds.subarray(12)]).toEqual([ABSENT, ABSENT, ABSENT, ABSENT])
    expect(countKinds(kinds)).toMatchObject({ metadata: 6, free: 2, allocated: 0, bad: 0 })
  })

  test('shows pages that the directory took as metadata', () => {
    const regions = [{ ...region(0, 12), directory: [{ page: 4, pages: 2 }] }]
    const kinds = classifyPages(words('003131300000'), { pages: 12, regions }, [])
    expect([...kinds.subarray(2, 7)]).toEqual([ALLOCATED | FIRST, ALLOCATED, METADATA, METADATA, ALLOCATED | FIRST])
  })

  test('reads across words', () => {
    const states = '0'.repeat(40).split('')
    states[33] = '3'
    expect(classifyPages(words(states.join('')), shape(40), [])[33]).toBe(ALLOCATED | FIRST)
  })
})

test('withRun allocates and frees in a copy', () => {
  const before = words('0'.repeat(32))
  const allocated = withRun(before, 5, 3, true)
  expect([...classifyPages(allocated, shape(32), []).slice(4, 9)]).toEqual([
    FREE,
    ALLOCATED | FIRST,
    ALLOCATED,
    ALLOCATED,
    FREE
  ])
  expect(withRun(allocated, 5, 3, false)).toEqual(before)
  expect(before.every((byte) => byte === 0)).toBe(true)
})

test('countKinds counts each page once and each allocation once', () => {
  const kinds = classifyPages(words('003131200000'), shape(12), [{ page: 4, pages: 2, record }])
  expect(countKinds(kinds)).toEqual({ free: 4, metadata: 3, allocated: 2, named: 2, bad: 1, allocations: 2 })
})

describe('aggregate', () => {
  test('loses no lone page, wherever it stands and however many share its cell', () => {
    for (const lone of [0, 1, 4095, 4096, 262_143]) {
      const kinds = new Uint8Array(262_144)
      kinds[lone] = BAD
      const { top, filled } = aggregate(kinds, 0, 4096, 64)
      const cell = Math.floor(lone / 4096)
      expect(top[cell]).toBe(BAD)
      expect(filled[cell]).toBeGreaterThan(0)
      expect([...top].filter((kind) => kind !== FREE)).toHaveLength(1)
    }
  })

  test.each([
    ['bad over all', [NAMED, ALLOCATED, BAD, FREE], BAD],
    ['named over allocated', [ALLOCATED, NAMED, FREE, METADATA], NAMED],
    ['allocated over metadata', [METADATA, ALLOCATED, FREE, FREE], ALLOCATED],
    ['metadata over free', [METADATA, FREE, FREE, FREE], METADATA],
    ['a first page stays visible', [FREE, ALLOCATED | FIRST, ALLOCATED, BAD], BAD | FIRST]
  ])('%s', (_, pages, expected) => {
    expect(aggregate(new Uint8Array(pages), 0, 4, 1).top[0]).toBe(expected)
  })

  test('leaves out pages that are not there', () => {
    const { top, filled } = aggregate(new Uint8Array([ABSENT, ALLOCATED, ABSENT, ABSENT]), 0, 2, 2)
    expect([...top]).toEqual([ALLOCATED, ABSENT])
    expect([...filled]).toEqual([255, 0])
  })

  test('says how full a cell is, also the last one that is cut short', () => {
    const kinds = new Uint8Array([ALLOCATED, ALLOCATED, FREE, FREE, ALLOCATED, ALLOCATED])
    expect([...aggregate(kinds, 0, 4, 2).filled]).toEqual([128, 255])
  })
})
