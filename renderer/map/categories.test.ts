// SPDX-License-Identifier: GPL-2.0-or-later
import { expect, test } from 'vitest'
import type { Allocation, LogEntry } from '@api'
import { ageOf, classify, classifyRuns, kindsOf, noOrder, othersKey, type Classes } from './categories.ts'
import { firstOwn } from './cells.ts'
import { given } from './hues.ts'

const hour = 3_600_000
const now = 1000 * hour
const boot = (digit: number): string => `${String(digit).repeat(8)}-0000-4000-8000-000000000000`
const make = (page: number, pages: number, owner: string | null, madeIn = 1, at = now): Allocation => ({
  page,
  pages,
  pfn: page,
  address: page * 4096,
  record:
    owner === null ? null : { id: page, name: `r${page}`, owner, purpose: '', createdAt: at, bootId: boot(madeIn) }
})
const list = [make(0, 1, null), make(8, 8, 'vfio'), make(16, 4, 'kvm', 2, now - 30 * hour), make(32, 3, 'kvm')]
const log = [{ verb: 'allocate', page: 0, pages: 1, time: now - 2 * hour, bootId: boot(3) }] as LogEntry[]
const hues = { owner: given([], ['vfio', 'kvm']), boot: given([], [boot(1), boot(2), boot(3)]) }
const times = { now, bootId: boot(1), log }

/** The key of each run's category, and each category's pages. */
const told = ({ categories, of }: Classes): { keys: string[]; pages: Record<string, number> } => ({
  keys: [...of].map((id) => categories[id - firstOwn]!.key),
  pages: Object.fromEntries(categories.map(({ key, pages }) => [key, pages]))
})

test.each([
  ['state', ['allocated', 'named', 'named', 'named'], { allocated: 1, named: 15 }],
  ['owner', ['~unnamed', 'vfio', 'kvm', 'kvm'], { '~unnamed': 1, vfio: 8, kvm: 7 }],
  ['order', ['0', '3', '2', noOrder], { 0: 1, 3: 8, 2: 4, [noOrder]: 3 }],
  ['age', ['day', 'hour', 'week', 'hour'], { day: 1, hour: 11, week: 4 }],
  ['boot', [boot(3), boot(1), boot(2), boot(1)], { [boot(3)]: 1, [boot(1)]: 11, [boot(2)]: 4 }]
] as const)('by %s', (colour, keys, pages) => {
  const given = colour === 'owner' || colour === 'boot' ? hues[colour] : []
  expect(told(classify(colour, list, null, times, given))).toEqual({ keys, pages })
})

test('what neither record nor log tells is not known', () => {
  const unknown = { ...times, log: [] }
  expect(told(classify('age', list, null, unknown)).keys[0]).toBe('unknown')
  expect(told(classify('boot', list, null, unknown)).keys[0]).toBe('unknown')
})

const hueOf = ({ categories }: Classes, key: string): number => {
  const tone = categories.find((each) => each.key === key)?.tone
  return typeof tone === 'object' && 'category' in tone ? tone.category : Number.NaN
}

test('more owners than hues: who has none is folded, never one that the filter names', () => {
  const many = Array.from({ length: 14 }, (_, index) => make(index * 16, 14 - index, `owner-${index}`))
  const largest = given([], kindsOf('owner', many, []))
  const folded = classify('owner', many, null, times, largest)
  expect(folded.categories).toHaveLength(11)
  expect(folded.categories.at(-1)).toMatchObject({ key: othersKey, title: '4 others', pages: 4 + 3 + 2 + 1, count: 4 })
  const pinned = classify('owner', many, new Set(['owner-13', 'owner-0']), times, largest)
  expect(told(pinned).keys[13]).toBe('owner-13')
  expect(hueOf(pinned, 'owner-13')).not.toBe(hueOf(pinned, 'owner-0')) // of those in the picture each has its own
  expect(hueOf(pinned, 'owner-0')).toBe(hueOf(folded, 'owner-0'))
})

test('an owner keeps the colour when the amounts change places', () => {
  const before = [make(0, 8, 'vfio'), make(8, 4, 'kvm')]
  const after = [make(0, 8, 'vfio'), make(8, 64, 'kvm')]
  const first = given([], kindsOf('owner', before, []))
  const second = given(first, kindsOf('owner', after, []))
  for (const owner of ['vfio', 'kvm'])
    expect(hueOf(classify('owner', after, null, times, second), owner)).toBe(
      hueOf(classify('owner', before, null, times, first), owner)
    )
})

test('kinds of owners: the largest first, without what has no record', () => {
  expect(kindsOf('owner', list, [])).toEqual(['vfio', 'kvm'])
  expect(kindsOf('boot', list, log)).toEqual([boot(1), boot(2), boot(3)])
})

test('runs of an overlay by kind, most pages first', () => {
  const classes = classifyRuns(
    [
      { pages: 1, kind: 'zeroed' },
      { pages: 5, kind: 'changed' }
    ],
    null
  )
  expect(classes.categories.map(({ key }) => key)).toEqual(['changed', 'zeroed'])
  expect([...classes.of]).toEqual([firstOwn + 1, firstOwn])
})

test.each([
  [now, 'hour'],
  [now - hour, 'day'],
  [now - 24 * hour, 'week'],
  [now - 7 * 24 * hour, 'month'],
  [0, 'older'],
  [null, 'unknown']
])('made at %j it is of the class %s', (at, age) => {
  expect(ageOf(at, now)).toBe(age)
})
