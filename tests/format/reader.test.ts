// SPDX-License-Identifier: GPL-2.0-or-later
/** The second reader against the program, on pools that are whole: it must see exactly the same. */
import { afterEach, describe, expect, test } from 'vitest'
import { checkOf, crc32c } from './bytes.ts'
import { bodyOf, codesOf, fullViews, poolName, read, readImage } from './compare.ts'
import { goldenImage } from './golden.ts'
import { defaultBase, NativeHost, type Place } from './native.ts'
import { readPool } from './reader.ts'
import { allocationsView, badView, bodiesOf, superblockOf } from './views.ts'

const mebibyte = 2 ** 20
const hosts: NativeHost[] = []
afterEach(() => hosts.splice(0).forEach((host) => host.end()))

function hostOf(...places: readonly Place[]): NativeHost {
  const host = new NativeHost(...places)
  hosts.push(host)
  return host
}

const runsIn = (pool: ReturnType<typeof read>): unknown[] =>
  bodiesOf(pool).flatMap(({ now, superblock }) =>
    now.runs
      .filter(({ kind }) => kind !== 'free')
      .map(({ kind, page, pages }) => [kind, superblock.firstPoolPage + page, pages])
  )

describe('checksums', () => {
  test('CRC32C has the check value of RFC 3720', () => {
    expect(crc32c(new TextEncoder().encode('123456789'))).toBe(0xe3069283)
  })

  test('the check of a block is that of the example', () => {
    const words = new Uint8Array(128)
    words.set([0xc0, 0x01])
    words[16] = 0x03
    expect(checkOf(words)).toBe(0x674bd0fe)
  })
})

describe('the golden image of one region', () => {
  const base = 0x1_2345_7000
  const bytes = 8 * mebibyte
  const golden = goldenImage('pool-2.hex', bytes)

  test('is read as it was made', () => {
    const pool = readImage(golden, base)
    expect(pool.answer).toBe('attach')
    expect(codesOf(pool)).toEqual([])
    expect(superblockOf(pool)).toMatchObject({ poolName: 'lab', physicalBase: base, sequence: 1n, medium: 'memmap' })
    expect(runsIn(pool)).toEqual([
      ['allocation', 9, 3],
      ['allocation', 12, 40],
      ['allocation', 64, 16],
      ['allocation', 400, 700],
      ['bad', 1200, 3],
      ['allocation', 2040, 7]
    ])
    expect(bodyOf(pool).records.map(({ kind, name, page, pages }) => [kind, name, page, pages])).toEqual(
      expect.arrayContaining([
        ['allocation', 'iommu tables', 64, 16],
        ['allocation', 'over blocks', 400, 700],
        ['quarantine', '', 1200, 3]
      ])
    )
    expect(bodyOf(pool).log?.entries.map(({ verb }) => verb)).toEqual([
      'allocate',
      'rename',
      'quarantine',
      'allocate',
      'free',
      'allocate',
      'allocate',
      'allocate',
      'allocate',
      'pool-create'
    ])
  })

  test('is the same pool to the program', () => {
    const host = hostOf({ base, bytes })
    host.write(0, golden)
    for (const order of ['9', '6', '5', '4', '0']) {
      const { native, own } = fullViews(host)
      expect(native).toEqual(own)
      // its base is odd: page indexes and page frame numbers are aligned differently
      expect(host.run(['alloc', poolName, '--order', order])).toMatchObject({ status: 0 })
    }
  })

  test('has moved when it is found at another address', () => {
    expect(readImage(golden, base + 4096).answer).toBe('moved')
    expect(readImage(golden.subarray(0, bytes - 4096), base).answer).toBe('moved')
  })
})

describe('the golden image of two regions', () => {
  const places = [
    { base: 0x1_4000_0000, bytes: mebibyte },
    { base: 0x1_5000_0000, bytes: 8 * mebibyte }
  ] as const
  const [zero, one] = places
  const golden = goldenImage('pool-2-regions.hex', 9 * mebibyte)
  const images = [
    { bytes: golden.subarray(0, mebibyte), physicalBase: zero.base },
    { bytes: golden.subarray(mebibyte), physicalBase: one.base }
  ] as const

  test('is read as it was made, in any order', () => {
    for (const some of [images, images.toReversed()]) {
      const pool = readPool(some)
      expect(pool.answer).toBe('attach')
      expect(codesOf(pool)).toEqual([])
      expect(superblockOf(pool).poolName).toBe('lab of two')
      expect(
        pool.members.map(({ firstPoolPage, pageCount, numaNode }) => [firstPoolPage, pageCount, numaNode])
      ).toEqual([
        [0, 256, -1],
        [512, 2048, 1]
      ])
      expect(runsIn(pool).slice(-4)).toEqual([
        ['allocation', 254, 1], // the second part of the directory
        ['bad', 600, 1],
        ['allocation', 1024, 512],
        ['allocation', 1536, 520]
      ])
      expect(allocationsView(pool)).toHaveLength(19)
      expect(badView(pool)).toMatchObject([{ page: 600, why: 'bit 5 stuck' }])
    }
  })

  test('is the same pool to the program', () => {
    const host = hostOf(...places)
    images.forEach(({ bytes }, nth) => host.write(0, bytes, places[nth]))
    const { native, own } = fullViews(host)
    expect(native).toEqual(own)
  })

  test.each([
    { name: 'without its second region', keep: [zero, images[0]] as const },
    { name: 'without its first region', keep: [one, images[1]] as const }
  ])('is degraded $name, and read alike', ({ keep: [place, image] }) => {
    const host = hostOf(place)
    host.write(0, image.bytes)
    expect(readPool([image]).answer).toBe('degraded')
    const { native, own } = fullViews(host)
    expect(native).toEqual(own)
    expect(host.run(['alloc', superblockOf(read(host)).poolUuid, '--order', '0']).error).toBe('pool-degraded')
    expect(Buffer.compare(host.read(), image.bytes), 'nothing is written').toBe(0)
  })
})

describe('a pool that the program made', () => {
  const kexec = [
    ['kexec', 'load', poolName],
    ['kexec', 'jump', poolName, '--yes']
  ]
  const acts: readonly (readonly string[])[] = [
    ['pool', 'create', poolName],
    ['alloc', poolName, '--order', '0'],
    ['alloc', poolName, '--order', '3'],
    ['alloc', poolName, '--order', '9'],
    ['alloc', poolName, '--order', '10'],
    ['alloc', poolName, '--pages', '1'],
    ['alloc', poolName, '--pages', '37'],
    ['alloc', poolName, '--pages', '1025'],
    ['alloc', poolName, '--order', '4', '--name', 'iommu', '--owner', 'vfio', '--purpose', 'page tables'],
    ['alloc', poolName, '--pages', '3', '--name', 'Zähler 計', '--owner', 'größe'],
    ['alloc', poolName, '--order', '9', '--name', 'a block'],
    ['alloc', poolName, '--order', '0', '--name', 'passing'],
    ['write', poolName, 'iommu', '-'],
    ['free', poolName, 'passing', '--yes'],
    ['free', poolName, 'a block', '--yes'],
    ['rename', poolName, 'iommu', 'iommu 2'],
    ['label', poolName, 'iommu 2', '--owner', 'kvm', '--purpose', ''],
    ['bad', 'add', poolName, '7900', '--pages', '3', '--why', 'bit 5 stuck'],
    ['bad', 'add', poolName, '7904', '--why', 'row hammer'],
    ['bad', 'remove', poolName, '7900', '--yes'],
    ['pool', 'rename', poolName, 'other'],
    ['pool', 'rename', 'other', poolName],
    ...kexec,
    ['alloc', poolName, '--order', '5', '--name', 'after'],
    ['free', poolName, 'iommu 2', '--yes'],
    ...kexec,
    ['alloc', poolName, '--pages', '2', '--name', 'iommu']
  ]

  /** What both say after each act. */
  function sameAfter(host: NativeHost, some: readonly (readonly string[])[]): void {
    for (const act of some) {
      expect(host.run(act, 'content'), act.join(' ')).toMatchObject({ status: 0 })
      const before = host.images()
      const pool = read(host)
      expect(pool.answer, act.join(' ')).toBe('attach')
      expect(codesOf(pool), act.join(' ')).toEqual([])
      const { native, own } = fullViews(host, pool)
      expect(native, act.join(' ')).toEqual(own)
      for (const [nth, { bytes }] of host.images().entries())
        expect(Buffer.compare(bytes, before[nth]?.bytes ?? new Uint8Array()), 'looking changes nothing').toBe(0)
    }
  }

  test('is the same to both after every act', () => {
    const host = hostOf({ base: defaultBase, bytes: 32 * mebibyte })
    sameAfter(host, acts)
    const { log, superblock } = bodyOf(read(host))
    const boots = new Set(log?.entries.map(({ bootId }) => bootId))
    expect(boots.size).toBe(3)
    expect([...boots][0]).toBe(host.bootId())
    expect([...boots][2]).toBe(superblock.createdBootId)
  })

  test('is the same to both while its directory grows', () => {
    const host = hostOf({ base: defaultBase, bytes: 2 * mebibyte })
    const names = Array.from({ length: 70 }, (_, nth) => `n${nth}`)
    host.run(['pool', 'create', poolName])
    names.slice(1).forEach((name) => host.run(['alloc', poolName, '--pages', '2', '--name', name]))
    sameAfter(host, [['alloc', poolName, '--pages', '2', '--name', 'n0']])
    expect(bodyOf(read(host)).records.filter(({ kind }) => kind === 'directory')).toHaveLength(3)
    expect(bodyOf(read(host)).recordSlots).toBe(16 + 16 + 32 + 64)
    names.slice(0, 60).forEach((name) => host.run(['free', poolName, name, '--yes']))
    sameAfter(host, [['rename', poolName, 'n65', 'n0']])
  })

  test('is the same to both over three regions', () => {
    const places = [
      { base: defaultBase, bytes: 3 * mebibyte },
      { base: 2 * defaultBase + 0x7000, bytes: 5 * mebibyte },
      { base: 3 * defaultBase, bytes: 4 * mebibyte }
    ]
    const host = hostOf(...places)
    expect(host.run(['pool', 'create', poolName, '--region', host.regionId(0)])).toMatchObject({ status: 0 })
    expect(host.run(['pool', 'extend', poolName, '--region', host.regionId(1)])).toMatchObject({ status: 0 })
    expect(host.run(['pool', 'extend', poolName, '--region', host.regionId(2)])).toMatchObject({ status: 0 })
    sameAfter(host, [
      ['alloc', poolName, '--order', '8', '--name', 'first'],
      ['alloc', poolName, '--order', '9', '--name', 'a block'],
      ['alloc', poolName, '--pages', '600', '--name', 'long'],
      ['alloc', poolName, '--pages', '2', '--place', 'region=2', '--name', 'third'],
      ['bad', 'add', poolName, '2200', '--pages', '2', '--why', 'bit 5 stuck'],
      ['pool', 'rename', poolName, 'three'],
      ['free', 'three', 'third', '--yes']
    ])
    expect(read(host).members.map(({ firstPoolPage, pageCount }) => [firstPoolPage, pageCount])).toEqual([
      [0, 768],
      [1024, 1280],
      [2560, 1024]
    ])
  })

  test('is the same to both when its log has gone round', () => {
    const host = hostOf({ base: defaultBase, bytes: 2 * mebibyte })
    host.run(['pool', 'create', poolName])
    host.run(['alloc', poolName, '--order', '0', '--name', 'db'])
    const slots = bodyOf(read(host)).log?.slots ?? 0
    for (let round = 0; round < slots + 3; round++) host.run(['write', poolName, 'db'], 'x')
    const own = read(host)
    expect(bodyOf(own).log?.newest).toBe(BigInt(slots) + 5n)
    const views = fullViews(host, own)
    expect(views.native).toEqual(views.own)
  })

  test('is found in a part of the region, beside another', () => {
    const host = hostOf({ base: defaultBase, bytes: 16 * mebibyte })
    const places = [
      { name: 'low', offset: 0, bytes: 4 * mebibyte },
      { name: 'high', offset: 8 * mebibyte, bytes: 6 * mebibyte }
    ]
    for (const { name, offset, bytes } of places) {
      host.run(['pool', 'create', name, '--offset', `${offset}`, '--size', `${bytes}`])
      host.run(['alloc', name, '--order', '2', '--name', name])
    }
    for (const { name, offset, bytes } of places) {
      const own = readImage(host.read(offset, bytes), host.base + offset)
      expect(superblockOf(own).poolName).toBe(name)
      const views = fullViews(host, own)
      expect(views.native).toEqual(views.own)
    }
  })

  test('is none where nothing was made', () => {
    const host = hostOf({ base: defaultBase, bytes: 2 * mebibyte })
    expect(read(host)).toMatchObject({ answer: 'no-pool', members: [] })
  })
})
