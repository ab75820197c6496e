// SPDX-License-Identifier: GPL-2.0-or-later
/** Damage to each structure, by both readers: the same answer, the same figures, and no write where it is refused. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { damages } from './damages.ts'
import { contentViews, fatalOf, nativeVerdict, ownVerdict, poolOf, read } from './compare.ts'
import { all, copyOfRecord, regionBytes, Specimen, type Change } from './patch.ts'
import { recordBytes } from './records.ts'
import { pageBytes } from './superblock.ts'

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
  if (expected) expect(own.findings.map(({ code }) => code)).toContain(expected)
  if (verdict.answer !== 'attach') {
    expect(Buffer.compare(host.read(), before), 'refused, and nothing written').toBe(0)
    return
  }
  expect(fatalOf(own)).toEqual([])
  const settled = read(host)
  expect(poolOf(settled).recovery, 'nothing is left to do').toEqual({
    runsTakenBack: 0,
    pagesTakenBack: 0,
    recordsFinished: 0,
    recordsDropped: 0
  })
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

const structures: readonly { name: string; range: (of: Specimen) => readonly [from: number, bytes: number] }[] = [
  { name: 'superblock A', range: () => [0, pageBytes] },
  { name: "superblock A's fields", range: () => [0, 296] },
  { name: 'superblock B', range: () => [regionBytes - pageBytes, pageBytes] },
  { name: "superblock B's fields", range: () => [regionBytes - pageBytes, 296] },
  { name: 'states of metadata', range: ({ statesAt }) => [statesAt, 4] },
  { name: 'states of allocations', range: ({ statesAt }) => [statesAt + 4, 36] },
  { name: 'all page states', range: ({ statesAt }) => [statesAt, pageBytes] },
  { name: 'records in use', range: ({ recordsAt }) => [recordsAt, 3 * recordBytes] },
  { name: 'all records', range: ({ recordsAt }) => [recordsAt, 64 * recordBytes] },
  { name: 'log in use', range: ({ logAt, logEntries }) => [logAt, logEntries * 128] },
  { name: 'all of the log', range: ({ logAt }) => [logAt, 256 * 128] }
]
const seed = Number(process.env['PMPOOL_TEST_SEED'] ?? 3)

describe('one byte changed', () => {
  test.each(structures)('in $name', ({ name, range }) => {
    const random = randomFrom(seed)
    const [from, bytes] = range(specimen)
    for (let round = 0; round < 8; round++) {
      const at = from + random(bytes)
      const flip = 1 + random(255)
      try {
        judgedAlike((region) => (region[at] = (region[at] ?? 0) ^ flip))
      } catch (error) {
        throw new Error(`byte ${at} (${at - from} of ${name}) ^ ${flip}, seed ${seed}`, { cause: error })
      }
    }
  })
})

describe('damage with right checksums', () => {
  test.each(damages)('$of: $name', ({ change, finding }) => judgedAlike(change, finding))
})

describe('records that a crash left', () => {
  const unsettled = (count: number): Change =>
    all(...Array.from({ length: count }, (_, nth) => copyOfRecord(0, 3 + nth, 1)))

  test('are settled when there are 64, and taken for damage when there are more', () => {
    const large = new Specimen(48 * 2 ** 20) // of more than 64 slots
    try {
      judgedAlike(unsettled(64), 'record-pending', large)
      judgedAlike(unsettled(65), 'records-unsettled', large)
    } finally {
      large.host.end()
    }
  })
})
