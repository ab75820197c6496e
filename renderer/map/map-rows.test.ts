// SPDX-License-Identifier: GPL-2.0-or-later
import { expect, test } from 'vitest'
import type { Allocation } from '@api'
import { mapRows, mostRows } from './map-rows.ts'
import { Runs } from './runs.ts'

const region = { firstPage: 0, pages: 100, dataFirst: 2, dataEnd: 99, directory: [], base: 0x10000, error: null }
const second = { ...region, firstPage: 512, dataFirst: 514, dataEnd: 611, base: 0x900000 }
const make = (page: number, pages: number, name = ''): Allocation =>
  ({ page, pages, record: name ? { name, owner: 'vfio' } : null }) as Allocation
const none = new Runs([])

test('allocations, what lies between them, metadata, and where there is no page', () => {
  const runs = new Runs([make(2, 4, 'ring'), make(50, 10)])
  const rows = mapRows([region, second], runs, none, 0, 520)
  expect(rows.map(({ page, pages, what }) => [page, pages, what])).toEqual([
    [0, 2, 'metadata'],
    [2, 4, 'ring'],
    [6, 44, 'not allocated'],
    [50, 10, 'unnamed allocation'],
    [60, 39, 'not allocated'],
    [99, 1, 'metadata'],
    [100, 412, 'no page'],
    [512, 2, 'metadata'],
    [514, 6, 'not allocated']
  ])
  expect(rows[1]).toMatchObject({ addresses: '0x12000-0x15fff', owner: 'vfio' })
  expect(rows[6]!.addresses).toBe('')
})

test('an allocation that began before the view is cut at it', () => {
  expect(mapRows([region], new Runs([make(2, 40, 'ring')]), none, 10, 20)).toMatchObject([
    { page: 10, pages: 10, what: 'ring' }
  ])
})

test('it ends when there are too many rows', () => {
  const runs = new Runs(Array.from({ length: 1000 }, (_, index) => make(index * 2, 1)))
  const wide = { ...region, pages: 4000, dataEnd: 3999, dataFirst: 0 }
  expect(mapRows([wide], runs, none, 0, 4000)).toHaveLength(mostRows + 1)
})

test.each([
  [
    0,
    50,
    [
      '0+2 metadata',
      '2+8 not allocated',
      '10+5 bad',
      '15+5 not allocated',
      '20+4 ring',
      '24+1 bad',
      '25+25 not allocated'
    ]
  ],
  [12, 14, ['12+2 bad']]
])('pages in quarantine are called bad: %d to %d', (from, to, expected) => {
  const bad = new Runs([
    { page: 10, pages: 5 },
    { page: 24, pages: 1 }
  ])
  const rows = mapRows([region], new Runs([make(20, 4, 'ring')]), bad, from, to)
  expect(rows.map(({ page, pages, what }) => `${page}+${pages} ${what}`)).toEqual(expected)
})
