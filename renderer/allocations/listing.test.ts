// SPDX-License-Identifier: GPL-2.0-or-later
import { expect, test } from 'vitest'
import { columns, type ColumnId } from './columns.ts'
import { allocationAtRow, groupAt, Lister, rowOfPage, type Listing, type Wanted } from './listing.ts'
import { allocationOf as of } from './testing.ts'

const list = [
  of(16, 8),
  of(100, 1, { name: 'ring-10', owner: 'vfio', purpose: 'b', createdAt: 30 }),
  of(200, 300, { name: 'Ring-9', owner: '', purpose: '', createdAt: 10 }),
  of(1000, 8, { name: 'log', owner: 'vfio', purpose: 'a', createdAt: 20 }),
  of(2000, 1)
]
const plain: Wanted = {
  tests: [],
  range: null,
  column: 'page',
  descending: false,
  grouped: false,
  collapsed: new Set()
}
const make = (wanted: Partial<Wanted> = {}): Listing => new Lister().make(list, { ...plain, ...wanted })
const pagesOf = (listing: Listing): (number | string)[] =>
  Array.from(listing.entries, (_, row) => groupAt(listing, row)?.key ?? allocationAtRow(listing, row)!.page)

test.each<[ColumnId, number[], number[]]>([
  ['page', [16, 100, 200, 1000, 2000], [2000, 1000, 200, 100, 16]],
  ['pages', [100, 2000, 16, 1000, 200], [200, 16, 1000, 100, 2000]],
  ['order', [100, 2000, 16, 1000, 200], [200, 16, 1000, 100, 2000]],
  ['size', [100, 2000, 16, 1000, 200], [200, 16, 1000, 100, 2000]],
  ['address', [16, 100, 200, 1000, 2000], [2000, 1000, 200, 100, 16]],
  ['name', [1000, 200, 100, 16, 2000], [100, 200, 1000, 16, 2000]],
  ['owner', [100, 1000, 16, 200, 2000], [100, 1000, 16, 200, 2000]],
  ['purpose', [1000, 100, 16, 200, 2000], [100, 1000, 16, 200, 2000]],
  ['made', [200, 1000, 100, 16, 2000], [100, 1000, 200, 16, 2000]]
])('by %s; what has no value is last in either direction, equal ones are in page order', (column, up, down) => {
  expect(pagesOf(make({ column }))).toEqual(up)
  expect(pagesOf(make({ column, descending: true }))).toEqual(down)
})

test('every column has an order', () => {
  for (const { id } of columns) expect(make({ column: id }).entries).toHaveLength(list.length)
})

test('a filter and a range leave what holds both; sums are of what is left', () => {
  const named = make({ tests: [({ record }) => record !== null], range: { from: 499, to: 1001 } })
  expect(pagesOf(named)).toEqual([200, 1000]) // page 499 is the last of 200
  expect(named).toMatchObject({ count: 2, pages: 308 })
  expect(pagesOf(make({ range: { from: 500, to: 1000 } }))).toEqual([])
})

test('groups: owners by name, then none, then unnamed; each with its sums', () => {
  const grouped = make({ grouped: true })
  expect(pagesOf(grouped)).toEqual(['owner vfio', 100, 1000, 'owner ', 200, 'unnamed', 16, 2000])
  expect(grouped.groups.map(({ pages, members }) => [members.length, pages])).toEqual([
    [2, 9],
    [1, 300],
    [2, 9]
  ])
})

test('a collapsed group shows its head; its members count still', () => {
  const grouped = make({ grouped: true, collapsed: new Set(['owner vfio', 'unnamed']) })
  expect(pagesOf(grouped)).toEqual(['owner vfio', 'owner ', 200, 'unnamed'])
  expect(grouped).toMatchObject({ count: 5, pages: 318 })
})

test('sorted by size, so are the groups', () => {
  const grouped = make({ grouped: true, column: 'size', descending: true })
  expect(grouped.groups.map(({ key }) => key)).toEqual(['owner ', 'owner vfio', 'unnamed'])
})

test('an owner who is called unnamed is not what is unnamed', () => {
  const named = [of(1, 1, { owner: 'unnamed' }), of(2, 1)]
  expect(new Lister().make(named, { ...plain, grouped: true }).groups.map(({ members }) => members.length)).toEqual([
    1, 1
  ])
})

test.each([
  [100, 0],
  [1000, 1],
  [200, -1],
  [101, -1],
  [9999, -1]
])('page %d stands in row %d of those that vfio owns', (page, row) => {
  expect(rowOfPage(make({ tests: [({ record }) => record?.owner === 'vfio'] }), page)).toBe(row)
})

test('another list is sorted by its own values', () => {
  const lister = new Lister()
  lister.make(list, { ...plain, column: 'pages' })
  const other = [of(1, 9), of(10, 2)]
  expect(pagesOf(lister.make(other, { ...plain, column: 'pages' }))).toEqual([10, 1])
})

test.each([
  ['numbers by their value', ['a10', 'a9', 'a100'], ['a9', 'a10', 'a100']],
  ['zeros before a number do not count', ['b2', 'b010', 'b1'], ['b1', 'b2', 'b010']],
  ['more digits than a number holds', ['9'.repeat(40), '1' + '0'.repeat(40)], ['9'.repeat(40), '1' + '0'.repeat(40)]],
  ['a number in the middle, and several', ['x10-2', 'x9-10', 'x10-1'], ['x9-10', 'x10-1', 'x10-2']],
  ['digits stand where digits stand among other characters', ['r-x', 'r-1', 'r--'], ['r--', 'r-1', 'r-x']],
  ['letters whatever their case, then by the text', ['Ab', 'aa', 'AB', 'aB'], ['aa', 'AB', 'Ab', 'aB']],
  ['hostile ones', ['\u202eb', '\u0000', '<b>', '1\u0000'], ['\u0000', '1\u0000', '<b>', '\u202eb']]
])('names: %s', (_, names, sorted) => {
  const named = names.map((name, at) => of(at, 1, { name }))
  const listing = new Lister().make(named, { ...plain, column: 'name' })
  expect(Array.from(listing.entries, (_, row) => allocationAtRow(listing, row)?.record?.name)).toEqual(sorted)
})

test('names that come, change and go are in order as if the list were the first', () => {
  const lister = new Lister()
  const namesOf = (names: readonly string[]): (string | undefined)[] => {
    const listing = lister.make(
      names.map((name, at) => of(at, 1, { name })),
      { ...plain, column: 'name' }
    )
    return Array.from(listing.entries, (_, row) => allocationAtRow(listing, row)?.record?.name)
  }
  expect(namesOf(['c', 'a', 'b'])).toEqual(['a', 'b', 'c'])
  expect(namesOf(['c', 'aa', 'b', 'a'])).toEqual(['a', 'aa', 'b', 'c'])
  expect(namesOf(['d', 'b'])).toEqual(['b', 'd'])
  expect(namesOf(['c', 'b', 'a', 'd'])).toEqual(['a', 'b', 'c', 'd'])
})
