// SPDX-License-Identifier: GPL-2.0-or-later
/** The second reader against the program, on pools that are whole: it must see exactly the same. */
import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, test } from 'vitest'
import { inProject } from '../../scripts/lib/root.mjs'
import { crc32c } from './bytes.ts'
import { fullViews, poolName, poolOf, read } from './compare.ts'
import { NativeHost } from './native.ts'
import { readRegion } from './reader.ts'

const mebibyte = 2 ** 20
const hosts: NativeHost[] = []
afterEach(() => hosts.splice(0).forEach((host) => host.end()))

function hostOf(bytes: number, base?: number): NativeHost {
  const host = new NativeHost(bytes, base)
  hosts.push(host)
  return host
}

/** Lines of `offset: byte byte …`; what is left out is zero. */
function goldenImage(): Uint8Array {
  const image = new Uint8Array(mebibyte)
  for (const line of readFileSync(inProject('native', 'tests', 'golden', 'pool-1.hex'), 'utf8').split('\n')) {
    const [, offset, bytes] = /^([0-9a-f]+):((?: [0-9a-f]{2})+)$/.exec(line) ?? []
    if (offset && bytes) image.set(Buffer.from(bytes.replaceAll(' ', ''), 'hex'), parseInt(offset, 16))
  }
  return image
}

test('CRC32C has the check value of RFC 3720', () => {
  expect(crc32c(new TextEncoder().encode('123456789'))).toBe(0xe3069283)
})

describe('the golden image', () => {
  const base = 0x1_2345_7000

  test('is read as it was made', () => {
    const golden = readRegion(goldenImage(), base)
    const { superblock, now, records, log } = poolOf(golden)
    expect(golden).toMatchObject({ answer: 'attach', findings: [] })
    expect(superblock).toMatchObject({ poolName: 'lab', physicalBase: base, regionBytes: mebibyte, sequence: 1n })
    expect(now.runs.filter(({ kind }) => kind === 'allocation')).toEqual([
      { kind: 'allocation', page: 14, pages: 40 },
      { kind: 'allocation', page: 57, pages: 16 }
    ])
    expect(records.map(({ name, state, page, pages }) => ({ name, state, page, pages }))).toEqual([
      { name: 'iommu', state: 'live', page: 57, pages: 16 },
      { name: 'gone', state: 'free', page: 54, pages: 1 }
    ])
    expect(log.entries.map(({ verb, detail }) => [verb, detail])).toEqual([
      ['free', 'gone'],
      ['allocate', 'iommu'],
      ['allocate', ''],
      ['pool-create', 'lab']
    ])
  })

  test('is the same pool to the program', () => {
    const host = hostOf(mebibyte, base)
    host.write(0, goldenImage())
    for (const order of ['6', '5', '4', '0']) {
      const { native, own } = fullViews(host)
      expect(native).toEqual(own)
      // its base is odd: page indices and physical page frame numbers are aligned differently
      expect(host.run(['alloc', poolName, '--order', order])).toMatchObject({ status: 0 })
    }
  })

  test('has moved when it is found at another address', () => {
    expect(readRegion(goldenImage(), base + 4096).answer).toBe('moved')
    expect(readRegion(goldenImage().subarray(0, mebibyte - 4096), base).answer).toBe('moved')
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
    ['alloc', poolName, '--pages', '1'],
    ['alloc', poolName, '--pages', '37'],
    ['alloc', poolName, '--pages', '1025'],
    ['alloc', poolName, '--order', '4', '--name', 'iommu', '--owner', 'vfio', '--purpose', 'page tables'],
    ['alloc', poolName, '--pages', '3', '--name', 'Zähler 計', '--owner', 'größe'],
    ['alloc', poolName, '--order', '0', '--name', 'passing'],
    ['write', poolName, 'iommu', '-'],
    ['free', poolName, 'passing', '--yes'],
    ['free', poolName, '512', '--yes'],
    ...kexec,
    ['alloc', poolName, '--order', '5', '--name', 'after'],
    ['free', poolName, 'iommu', '--yes'],
    ...kexec,
    ['alloc', poolName, '--pages', '2', '--name', 'iommu']
  ]

  test('is the same to both after every act', () => {
    const host = hostOf(16 * mebibyte)
    for (const act of acts) {
      expect(host.run(act, 'content'), act.join(' ')).toMatchObject({ status: 0 })
      const before = host.read()
      expect(read(host), act.join(' ')).toMatchObject({ answer: 'attach', findings: [] })
      const { native, own } = fullViews(host)
      expect(native, act.join(' ')).toEqual(own)
      expect(Buffer.compare(host.read(), before), 'looking changes nothing').toBe(0)
    }
    const { log, superblock } = poolOf(read(host))
    const boots = new Set(log.entries.map(({ bootId }) => bootId))
    expect(boots.size).toBe(3)
    expect([...boots][0]).toBe(host.bootId())
    expect([...boots][2]).toBe(superblock.createdBootId)
  })

  test('is the same to both when its log has gone round', () => {
    const host = hostOf(mebibyte * 2)
    host.run(['pool', 'create', poolName])
    host.run(['alloc', poolName, '--order', '0', '--name', 'db'])
    const { slots } = poolOf(read(host)).log
    for (let round = 0; round < slots + 3; round++) host.run(['write', poolName, 'db'], 'x')
    const own = read(host)
    expect(poolOf(own).log.newest).toBe(BigInt(slots) + 5n)
    const views = fullViews(host, own)
    expect(views.native).toEqual(views.own)
  })

  test('is found in a part of the region, beside another', () => {
    const host = hostOf(16 * mebibyte)
    const places = [
      { name: 'low', offset: 0, bytes: 4 * mebibyte },
      { name: 'high', offset: 8 * mebibyte, bytes: 6 * mebibyte }
    ]
    for (const { name, offset, bytes } of places) {
      host.run(['pool', 'create', name, '--offset', `${offset}`, '--size', `${bytes}`])
      host.run(['alloc', name, '--order', '2', '--name', name])
    }
    for (const { name, offset, bytes } of places) {
      const own = readRegion(host.read(offset, bytes), host.base + offset)
      expect(poolOf(own).superblock.poolName).toBe(name)
      const views = fullViews(host, own)
      expect(views.native).toEqual(views.own)
    }
  })

  test('is none where nothing was made', () => {
    const host = hostOf(mebibyte * 2)
    expect(read(host)).toMatchObject({ answer: 'no-pool', pool: null })
  })
})
