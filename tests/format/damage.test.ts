// SPDX-License-Identifier: GPL-2.0-or-later
/** Damage to each structure, by both readers: the same answer, the same figures, and no write where it is refused. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { codesOf, contentViews, fatalOf, nativeVerdict, ownVerdict, poolName, read } from './compare.ts'
import { pagesDamages } from './damages-pages.ts'
import { recordDamages } from './damages-records.ts'
import { superblockDamages } from './damages.ts'
import { all, busy, copyOfRecord, type Change } from './patch.ts'
import { recordBytes } from './records.ts'
import { pageCount, Specimen } from './specimen.ts'
import { pageBytes } from './superblock.ts'
import { nothingRecovered, recoveryView } from './views.ts'

let specimen: Specimen
beforeAll(() => {
  specimen = new Specimen()
})
afterAll(() => specimen.host.end())

/** What both make of it; afterwards, when it attached, that it needs nothing more and is the same to both. */
function judgedAlike(change: Change, expected?: string, of = specimen): void {
  const { host, uuid } = of
  const before = of.set(change)
  const own = read(host)
  const verdict = ownVerdict(own)
  expect(nativeVerdict(host, uuid)).toEqual(verdict)
  if (expected) expect(codesOf(own)).toContain(expected)
  if (verdict.answer !== 'attach') {
    expect(Buffer.compare(host.read(), before), 'refused, and nothing written').toBe(0)
    return
  }
  expect(fatalOf(own)).toEqual([])
  const settled = read(host)
  expect(recoveryView(settled), 'nothing is left to do').toEqual(nothingRecovered)
  const views = contentViews(host, settled)
  expect(views.native).toEqual(views.own)
}

/** Deterministic numbers below `limit` (mulberry32). */
function randomFrom(seed: number): (limit: number) => number {
  let state = seed
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit
  }
}

const lastPage = (pageCount - 1) * pageBytes
const structures: readonly { name: string; range: (of: Specimen) => readonly [from: number, bytes: number] }[] = [
  { name: 'superblock A', range: () => [0, pageBytes] },
  { name: "superblock A's fields", range: () => [0, 344] },
  { name: 'superblock B', range: () => [lastPage, pageBytes] },
  { name: "superblock B's fields", range: () => [lastPage, 344] },
  { name: 'block words', range: ({ blocksAt }) => [blocksAt, 32] },
  { name: 'all of the blocks', range: ({ blocksAt }) => [blocksAt, pageBytes] },
  { name: 'states of metadata', range: ({ statesAt }) => [statesAt, 4] },
  { name: 'states of allocations', range: ({ statesAt }) => [statesAt + 2, 36] },
  { name: 'states of a block', range: ({ statesAt }) => [statesAt, 128] },
  { name: 'all page states', range: ({ statesAt }) => [statesAt, pageBytes] },
  { name: 'records in use', range: ({ recordsAt }) => [recordsAt, 5 * recordBytes] },
  { name: 'all records', range: ({ recordsAt }) => [recordsAt, 16 * recordBytes] },
  { name: 'shared words', range: ({ sharedAt }) => [sharedAt, 24] },
  { name: 'log in use', range: ({ logAt, logEntries }) => [logAt, logEntries * 128] },
  { name: 'all of the log', range: ({ logAt }) => [logAt, 128 * 128] }
]
const seed = Number(process.env['PMPOOL_TEST_SEED'] ?? 3)

describe('one byte changed', () => {
  const states = [
    { when: 'at rest', more: () => {} },
    { when: 'while busy', more: busy }
  ]
  describe.each(states)('$when', ({ more }) => {
    test.each(structures)('in $name', ({ name, range }) => {
      const random = randomFrom(seed)
      const [from, bytes] = range(specimen)
      for (let round = 0; round < 4; round++) {
        const at = from + random(bytes)
        const flip = 1 + random(255)
        try {
          judgedAlike(all(more, (region) => (region[at] = (region[at] ?? 0) ^ flip)))
        } catch (error) {
          throw new Error(`byte ${at} (${at - from} of ${name}) ^ ${flip}, seed ${seed}`, { cause: error })
        }
      }
    })
  })
})

describe('damage with right checksums', () => {
  test.each([...superblockDamages, ...pagesDamages, ...recordDamages])('$of: $name', ({ change, finding }) =>
    judgedAlike(change, finding)
  )
})

describe('records that a crash left', () => {
  const unsettled = (slots: readonly number[]): Change => all(...slots.map((slot) => copyOfRecord('db', slot, 1)))
  const named = Array.from({ length: 90 }, (_, nth) => ['alloc', poolName, '--pages', '1', '--name', `n${nth}`])
  const freed = named.map((act) => ['free', poolName, act.at(-1) ?? '', '--yes'])

  test('are settled when there are 64, and taken for damage when there are more', () => {
    const large = new Specimen(undefined, [...named, ...freed]) // the directory has grown
    try {
      const free = large.freeSlots()
      judgedAlike(unsettled(free.slice(0, 64)), 'record-pending', large)
      judgedAlike(unsettled(free.slice(0, 65)), 'records-unsettled', large)
    } finally {
      large.host.end()
    }
  })
})
