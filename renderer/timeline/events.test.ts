// SPDX-License-Identifier: GPL-2.0-or-later
import { expect, test } from 'vitest'
import type { LogEntry } from '@api'
import { allocatedAfter, bootsOf, difference, lanes, matchingEvents, type Verb } from './events.ts'

let sequence = 0
const event = (verb: Verb, pages: number, bootId = 'a', detail = ''): LogEntry => ({
  sequence: ++sequence,
  time: sequence * 1000,
  bootId,
  verb,
  page: 100,
  pages,
  actor: verb === 'free' ? 'root' : 'lab',
  detail
})
const events = [
  event('pool-create', 0),
  event('allocate', 8),
  event('allocate', 4),
  event('kexec-jump', 0),
  event('verdict', 0, 'b'),
  event('free', 8, 'b'),
  event('resize', 6, 'b', 'from 4 pages'),
  event('write', 6, 'c')
]

test('a boot begins where the boot id changes; the jump before it makes it a kexec', () => {
  expect(bootsOf(events)).toEqual([
    { bootId: 'a', from: 0, to: 4, seam: 'start' },
    { bootId: 'b', from: 4, to: 7, seam: 'kexec' },
    { bootId: 'c', from: 7, to: 8, seam: 'other' }
  ])
  expect(bootsOf([])).toEqual([])
})

test('allocated pages are counted back from now', () => {
  expect(allocatedAfter(events, 6)).toEqual([0, 8, 12, 12, 12, 4, 6, 6])
})

test.each([
  [
    'an act that does not tell how many',
    [event('allocate', 8), event('recover', 0), event('allocate', 2)],
    5,
    [null, 5, 5]
  ],
  ['a log that lost its beginning', [event('free', 8), event('allocate', 9)], 5, [null, 5]]
])('before %s nothing is claimed', (_, list, now, pages) => {
  const after = allocatedAfter(list, now)
  expect(after.at(-1)).toBe(now)
  expect(after[0]).toBe(pages[0])
})

test('the difference of two cursors, in either order', () => {
  const between = difference(events, 6, 1)
  expect(between).toEqual(difference(events, 1, 6))
  expect(between).toMatchObject({ events: 5, milliseconds: 5000, allocated: 6, freed: 8, boots: 1, kexecs: 1 })
  expect(between.actors).toEqual([
    ['lab', 4],
    ['root', 1]
  ])
})

test.each([
  ['', null, 8],
  ['root', null, 1],
  ['alloc', null, 2],
  ['', { from: 0, to: 100 }, 0],
  ['', { from: 103, to: 104 }, 5]
])('%j in %j finds %d', (filter, range, count) => {
  expect(matchingEvents(events, filter, new Set(lanes), range)).toHaveLength(count)
})

test('lanes that are not shown are left out', () => {
  expect(matchingEvents(events, '', new Set(['kexec']), null)).toEqual([3])
})
