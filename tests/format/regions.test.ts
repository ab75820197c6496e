// SPDX-License-Identifier: GPL-2.0-or-later
/** Pools of several regions when something is wrong with one of them: what is left of the pool, by both readers. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { codesOf, contentViews, fullViews, nativeVerdict, ownVerdict, poolName, read } from './compare.ts'
import { defaultBase, NativeHost } from './native.ts'
import {
  all,
  busy,
  block,
  copyOfRecord,
  edits,
  forged,
  pageState,
  pageWord,
  record,
  recordState,
  spoilt,
  text,
  u32,
  u64,
  u8
} from './patch.ts'
import type { Change } from './patch.ts'
import { RegionSpecimen } from './specimen.ts'
import { nothingRecovered, recoveryView, superblockOf } from './views.ts'

const places = [
  { base: defaultBase, bytes: 2 * 2 ** 20 },
  { base: 2 * defaultBase, bytes: 6 * 2 ** 20 },
  { base: 3 * defaultBase, bytes: 2 * 2 ** 20 }
] as const
const acts: readonly (readonly string[])[] = [
  ['alloc', poolName, '--pages', '3', '--name', 'zero'],
  ['alloc', poolName, '--order', '9', '--name', 'one', '--place', 'region=1'],
  ['alloc', poolName, '--pages', '5', '--name', 'first', '--place', 'region=1'],
  ['alloc', poolName, '--pages', '7', '--name', 'two', '--place', 'region=2']
]

let host: NativeHost
let regions: readonly RegionSpecimen[]
let uuid: string
beforeAll(() => {
  host = new NativeHost(...places)
  const make = [
    ['pool', 'create', poolName, '--region', host.regionId(0)],
    ['pool', 'extend', poolName, '--region', host.regionId(1)],
    ['pool', 'extend', poolName, '--region', host.regionId(2)]
  ]
  for (const act of [...make, ...acts]) expect(host.run(act), act.join(' ')).toMatchObject({ status: 0 })
  const pool = read(host)
  uuid = superblockOf(pool).poolUuid
  regions = pool.members.map((member, nth) => new RegionSpecimen(host.images()[nth]?.bytes ?? new Uint8Array(), member))
})
afterAll(() => host.end())

/** Changes by region. */
type Changes = Readonly<Partial<Record<0 | 1 | 2, Change>>>

function set(changes: Changes): void {
  for (const [nth, region] of regions.entries()) {
    const bytes = region.whole.slice()
    changes[nth as 0 | 1 | 2]?.(bytes, region)
    host.write(0, bytes, places[nth])
  }
}

const nothing: Change = (region) => region.fill(0)
const otherPool = forged('both', u8(40, 0xee))
const moved = forged('both', u8(137, 0x10))

interface Case {
  readonly name: string
  readonly changes: Changes
  readonly answer: string
  readonly finding?: string
}

const degrading: readonly Case[] = [
  { name: 'one that is not there', changes: { 1: nothing }, answer: 'degraded' },
  { name: 'the last that is not there', changes: { 2: nothing }, answer: 'degraded' },
  { name: 'the first that is not there', changes: { 0: nothing }, answer: 'degraded' },
  { name: 'two that are not there', changes: { 0: nothing, 1: nothing }, answer: 'degraded' },
  {
    name: 'two that are not there and one that contradicts itself',
    changes: { 0: nothing, 1: nothing, 2: block(0, 5) },
    answer: 'degraded'
  },
  { name: 'one whose superblocks are damaged', changes: { 1: spoilt('both', u8(300, 1)) }, answer: 'degraded' },
  { name: 'one that contradicts itself', changes: { 1: block(1, 5) }, answer: 'degraded', finding: 'block-state' },
  { name: 'one of a newer format', changes: { 1: forged('both', u32(8, 3)) }, answer: 'degraded' },
  { name: 'one with an incompat flag', changes: { 2: forged('both', u64(32, 1n)) }, answer: 'degraded' },
  { name: 'one of version 1', changes: { 2: forged('both', u32(8, 1)) }, answer: 'degraded' },
  { name: 'one with another index', changes: { 2: forged('both', u32(216, 3)) }, answer: 'degraded' },
  { name: 'one with another place in the pool', changes: { 2: forged('both', u64(608, 4096n)) }, answer: 'degraded' },
  { name: 'one with another UUID', changes: { 2: forged('both', u8(56, 0xee)) }, answer: 'degraded' },
  { name: 'one made for another address', changes: { 1: moved }, answer: 'degraded' },
  { name: 'one that another pool took', changes: { 1: otherPool }, answer: 'degraded' },
  {
    name: 'one that no record names',
    changes: { 0: recordState('member2', 0) },
    answer: 'degraded'
  }
]

const whole: readonly Case[] = [
  { name: 'nothing', changes: {}, answer: 'attach' },
  {
    name: 'one that was about to join, whole',
    changes: { 0: recordState('member2', 1) },
    answer: 'attach',
    finding: 'record-pending'
  },
  {
    name: 'one that was about to join, not begun',
    changes: { 0: recordState('member2', 1), 2: nothing },
    answer: 'attach',
    finding: 'record-pending'
  },
  {
    name: 'one that was about to join, without its superblock A',
    changes: { 0: recordState('member2', 1), 2: spoilt('A', u8(0, 0)) },
    answer: 'attach',
    finding: 'record-pending'
  },
  { name: 'one with another name of the pool', changes: { 1: forged('both', text(72, 64, 'old')) }, answer: 'attach' },
  {
    name: 'the first with a name that came last',
    changes: { 0: forged('A', edits(u64(176, 9n), text(72, 64, 'new'))) },
    answer: 'attach'
  },
  { name: 'a fence in one', changes: { 1: all(pageState(300, 2), busy) }, answer: 'attach', finding: 'fence' },
  { name: 'a bad page in one at rest', changes: { 1: pageState(300, 2) }, answer: 'degraded', finding: 'page-nobodys' },
  {
    name: 'pages without a head in two',
    changes: { 1: all(pageState(300, 1), busy), 2: all(pageState(300, 1), busy) },
    answer: 'attach'
  },
  {
    name: 'a lagging check in one that was busy',
    changes: { 1: (region, of) => [pageWord(300, 3), busy].forEach((f) => f(region, of)) },
    answer: 'attach',
    finding: 'block-lags'
  },
  {
    name: 'a lagging check in one beside the one that was busy',
    changes: { 0: busy, 1: pageWord(300, 3) },
    answer: 'degraded',
    finding: 'block-check'
  },
  { name: 'a ro_compat flag in one', changes: { 2: forged('both', u64(24, 1n)) }, answer: 'read-only' },
  { name: 'a compat flag in one', changes: { 2: forged('both', u64(16, 1n)) }, answer: 'attach' },
  { name: 'a name in two regions', changes: { 1: record('first', text(64, 64, 'zero')) }, answer: 'corrupt' },
  { name: 'a member named twice', changes: { 0: copyOfRecord('member2', 'unused', 2) }, answer: 'corrupt' },
  { name: 'a gap in the list of members', changes: { 0: recordState('member1', 0) }, answer: 'corrupt' },
  { name: 'members that overlap', changes: { 0: record('member2', u64(24, 512n)) }, answer: 'corrupt' }
]

const untouched = (before: readonly Uint8Array[]): void =>
  host.images().forEach(({ bytes }, nth) => expect(Buffer.compare(bytes, before[nth] ?? new Uint8Array())).toBe(0))

describe.each([
  { of: 'a pool is degraded by', cases: degrading },
  { of: 'a pool with', cases: whole }
])('$of', ({ cases }) => {
  test.each(cases)('$name: $answer', ({ changes, answer, finding }) => {
    set(changes)
    const before = host.images().map(({ bytes }) => bytes)
    const own = read(host)
    expect(own.answer).toBe(answer)
    if (finding) expect(codesOf(own)).toContain(finding)
    if (answer === 'degraded') {
      const views = fullViews(host, own)
      expect(views.native).toEqual(views.own)
    }
    expect(nativeVerdict(host, uuid)).toEqual(ownVerdict(own))
    if (answer !== 'attach') {
      untouched(before)
      return
    }
    const settled = read(host)
    expect(recoveryView(settled)).toEqual(nothingRecovered)
    const views = contentViews(host, settled)
    expect(views.native).toEqual(views.own)
  })
})

test('a pool whose first region contradicts itself is degraded, and told of by the others', () => {
  set({ 0: block(0, 5) })
  const before = host.images().map(({ bytes }) => bytes)
  const own = read(host)
  expect(own.answer).toBe('degraded')
  expect(codesOf(own)).toContain('block-state')
  expect(nativeVerdict(host, uuid)).toEqual(ownVerdict(own))
  const views = contentViews(host, own)
  expect(views.native).toEqual(views.own)
  untouched(before)
})
