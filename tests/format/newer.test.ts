// SPDX-License-Identifier: GPL-2.0-or-later
/** Formats that do not exist yet, faked with right checksums, and the one before: what a pmpool of version 2 says. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bodyOf, codesOf, fullViews, nativeVerdict, ownVerdict, poolName, read } from './compare.ts'
import { goldenImage } from './golden.ts'
import { NativeHost } from './native.ts'
import { all, busy, edits, forged, pageState, spoilt, text, u32, u64, u8, type Change } from './patch.ts'
import { Specimen } from './specimen.ts'

let specimen: Specimen
beforeAll(() => {
  specimen = new Specimen()
})
afterAll(() => specimen.host.end())

const version = u32(8, 3)
const compat = u64(16, 1n << 63n)
const roCompat = u64(24, 1n)
const incompat = u64(32, 1n << 40n)
const layout: (view: DataView) => void = u32(212, 99) // what the rest of a newer format says is nobody's business

const refused: readonly (readonly [string, Change])[] = [
  ['a higher version', forged('both', version)],
  ['the highest version', forged('both', u32(8, 0xffffffff))],
  ['a higher version and another layout', forged('both', edits(version, layout))],
  ['a higher version with wrong checksums', spoilt('both', version)],
  ['an unknown incompat flag', forged('both', incompat)],
  ['an unknown incompat flag and another layout', forged('both', edits(incompat, layout))],
  ['incompat and ro_compat flags', forged('both', edits(incompat, roCompat))],
  ['a higher version in A, B good', forged('A', version)],
  ['a higher version in B, A good', forged('B', version)],
  ['an incompat flag in A, B good', forged('A', incompat)],
  ['an incompat flag in B, A good', forged('B', incompat)]
]

describe('is refused as newer, with nothing written', () => {
  test.each(refused)('%s', (_, change) => {
    const before = specimen.set(change)
    expect(ownVerdict(read(specimen.host))).toEqual({ answer: 'format-newer' })
    expect(nativeVerdict(specimen.host, specimen.uuid)).toEqual({ answer: 'format-newer' })
    for (const verb of [
      ['list', specimen.uuid],
      ['alloc', specimen.uuid, '--order', '0'],
      ['pool', 'rename', specimen.uuid, 'x']
    ])
      expect(specimen.host.run(verb).status, verb.join(' ')).toBe(1)
    expect(Buffer.compare(specimen.host.read(), before)).toBe(0)
  })
})

test('a copy of a newer format with a wrong checksum does not stand in the way of a good one', () => {
  specimen.set(spoilt('A', version))
  const own = ownVerdict(read(specimen.host))
  expect(own.answer).toBe('attach')
  expect(nativeVerdict(specimen.host, specimen.uuid)).toEqual(own)
})

describe('a pool of version 1', () => {
  const older = 'format-older'

  test.each<readonly [string, Change, string]>([
    ['is refused as older', forged('both', u32(8, 1)), older],
    ['whatever its fields say', forged('both', edits(u32(8, 1), layout, text(72, 64, '/'))), older],
    [
      'when one copy says so',
      (region, of) => [forged('A', u32(8, 1)), spoilt('B', u8(0, 0))].forEach((f) => f(region, of)),
      older
    ],
    ['is nothing beside a copy of version 2', forged('A', u32(8, 1)), 'attach'],
    ['is damaged when its checksum is wrong', spoilt('both', u32(8, 1)), 'corrupt'],
    [
      'is a newer one’s beside that',
      (region, of) => [forged('A', u32(8, 1)), spoilt('B', version)].forEach((f) => f(region, of)),
      'format-newer'
    ]
  ])('%s', (_, change, answer) => {
    const before = specimen.set(change)
    const own = ownVerdict(read(specimen.host))
    expect(own.answer).toBe(answer)
    expect(nativeVerdict(specimen.host, specimen.uuid)).toEqual(own)
    if (answer !== 'attach') expect(Buffer.compare(specimen.host.read(), before)).toBe(0)
  })

  test('as its last pmpool wrote it is refused, and nothing of it is changed', () => {
    const golden = goldenImage('pool-1.hex', 2 ** 20)
    const host = new NativeHost({ base: 0x1_2345_7000, bytes: golden.length })
    try {
      host.write(0, golden)
      expect(ownVerdict(read(host))).toEqual({ answer: older })
      expect(nativeVerdict(host, 'lab')).toEqual({ answer: older })
      expect(Buffer.compare(host.read(), golden)).toBe(0)
    } finally {
      host.end()
    }
  })
})

describe('an unknown ro_compat flag', () => {
  const crashed = all(pageState(300, 1), busy) // a page without a head

  test.each<readonly [string, Change]>([
    ['alone', () => {}],
    ['over something to recover', crashed],
    ['with a compat flag', forged('both', compat)]
  ])('lets a pool be read and never written: %s', (_, more) => {
    const before = specimen.set((region) => {
      more(region, specimen)
      forged('both', roCompat)(region, specimen)
    })
    const { native, own } = fullViews(specimen.host)
    expect(native).toEqual(own)
    expect(read(specimen.host)).toMatchObject({ answer: 'read-only' })
    for (const act of [
      ['alloc', poolName, '--order', '0'],
      ['free', poolName, 'db', '--yes'],
      ['write', poolName, 'db', '-']
    ])
      expect(specimen.host.run(act, 'x'), act.join(' ')).toMatchObject({ status: 1, error: 'pool-read-only' })
    expect(Buffer.compare(specimen.host.read(), before)).toBe(0)
  })

  test('counts in the copy that holds only', () => {
    specimen.set(forged('B', roCompat))
    expect(read(specimen.host).answer).toBe('attach')
    specimen.set(forged('B', edits(roCompat, u8(176, 9))))
    expect(read(specimen.host).answer).toBe('read-only')
    expect(nativeVerdict(specimen.host, specimen.uuid).answer).toBe('read-only')
  })
})

test('an unknown compat flag is ignored, and kept', () => {
  specimen.set(forged('both', compat))
  const own = read(specimen.host)
  expect(own.answer).toBe('attach')
  expect(codesOf(own)).toEqual(['compat-flags'])
  expect(specimen.host.run(['alloc', poolName, '--order', '1'])).toMatchObject({ status: 0 })
  const after = read(specimen.host)
  expect(bodyOf(after).superblock.compat).toBe(1n << 63n)
  const views = fullViews(specimen.host, after)
  expect(views.native).toEqual(views.own)
})
