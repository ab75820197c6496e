// SPDX-License-Identifier: GPL-2.0-or-later
// Bytes of live memory, of snapshots and of expectations, by the real helper on a simulated host.
import { randomBytes } from 'node:crypto'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ProgressType } from 'vscode-jsonrpc/node'
import { editBytes, errorCodes, rpcCodes } from '../../main/api/index.ts'
import {
  answered,
  directory,
  type Helper,
  makePool,
  mebibyte,
  onHosts,
  pageBytes,
  ready,
  shares,
  spoil,
  unknownPool
} from './helper-support.ts'

onHosts()

const read = async (helper: Helper, pool: string, offset: number, length: number): Promise<Buffer> =>
  Buffer.from((await helper.ask('memory/read', { pool, offset, length })).data, 'base64')

describe('memory/read', () => {
  it('shows metadata, allocations and free pages, and leaves no trace', async () => {
    const helper = await ready()
    const { uuid: pool } = await makePool(helper)
    const { page } = await helper.ask('allocation/create', { pool, pages: 3, name: 'db' })
    const data = Buffer.from('Pmpool ')
    await helper.ask('allocation/write', { pool, page, offset: pageBytes - 3, data: data.toString('base64') })
    const { sequence } = await helper.ask('pool/info', { pool })
    expect((await read(helper, pool, (page + 1) * pageBytes - 3, 7)).equals(data)).toBe(true)
    expect((await read(helper, pool, 0, 8)).toString()).toBe('PMPOOLRG')
    const all = await helper.ask('pool/info', { pool })
    expect((await read(helper, pool, (all.pages - 1) * pageBytes, pageBytes)).some((byte) => byte)).toBe(true) // B
    expect((await read(helper, pool, (page + 3) * pageBytes, mebibyte)).some((byte) => byte)).toBe(false)
    expect(all.sequence).toBe(sequence)
  })

  it('reads over the seam of two regions, and not behind the last one', async () => {
    const helper = await ready()
    const { uuid: pool, region, pages } = await makePool(helper, 'lab', { size: 16 * mebibyte })
    await helper.ask('pool/extend', { pool, region, offset: 32 * mebibyte, size: 16 * mebibyte })
    const regions = (await helper.ask('pool/info', { pool })).regions
    const second = (regions[1]?.firstPage ?? 0) * pageBytes
    expect(second).toBe(pages * pageBytes)
    const seam = await read(helper, pool, second - 8, 16)
    expect(seam.subarray(8, 16).toString()).toBe('PMPOOLRG')
    const behind = await helper.refusal('memory/read', { pool, offset: 2 * second - 1, length: 2 })
    expect(behind.code).toBe(errorCodes['out-of-range'])
  })

  it.each([
    ['nothing', { offset: 0, length: 0 }],
    ['too much', { offset: 0, length: mebibyte + 1 }],
    ['from nowhere', { length: 1 }],
    ['from below', { offset: -1, length: 1 }],
    ['more than it may', { offset: 0, length: 1, raw: true }]
  ])('refuses to read %s', async (_, place) => {
    const helper = await ready()
    const error = await helper.refusal('memory/read', { pool: unknownPool, ...place })
    expect(error.code).toBe(rpcCodes.invalidParams)
  })
})

describe('memory/write', () => {
  const base64 = (text: string | Buffer): string => Buffer.from(text).toString('base64')

  it('changes what the user saw, and the log says where', async () => {
    const helper = await ready()
    const { uuid: pool } = await makePool(helper)
    const { page } = await helper.ask('allocation/create', { pool, pages: 5000, name: 'db' })
    const offset = (page + 4998) * pageBytes - 2
    const edit = { pool, offset, data: base64('abcd'), before: base64('\0\0\0\0') }
    expect(await helper.ask('memory/write', edit)).toStrictEqual({ written: 4 })
    expect((await read(helper, pool, offset - 1, 6)).toString('latin1')).toBe('\0abcd\0')
    const { entries } = await helper.ask('log/list', { pool, limit: 1 })
    expect(entries).toMatchObject([{ verb: 'write', page, pages: 5000, detail: `4 bytes at ${4998 * pageBytes - 2}` }])
    const largest = { data: base64(Buffer.alloc(editBytes, 7)), before: base64(Buffer.alloc(editBytes)) }
    expect((await helper.ask('memory/write', { pool, offset: page * pageBytes, ...largest })).written).toBe(editBytes)
  })

  it('writes nothing when something else stands there by now', async () => {
    const [helper, other] = [await ready(), await ready()]
    const { uuid: pool } = await makePool(helper)
    const { page } = await helper.ask('allocation/create', { pool, pages: 1 })
    const edit = { pool, offset: page * pageBytes + 7, data: base64('new'), before: base64('\0\0\0') }
    await other.ask('allocation/write', { pool, page, offset: 9, data: base64('x') })
    const { sequence } = await helper.ask('pool/info', { pool })
    const error = await helper.refusal('memory/write', edit)
    expect(error.code).toBe(errorCodes['pool-changed'])
    expect(error.message).toContain('is 0x78 by now, not 0x00')
    expect((await read(helper, pool, edit.offset, 3)).toString()).toBe('\0\0x')
    expect((await helper.ask('pool/info', { pool })).sequence).toBe(sequence)
  })

  it('stays inside one allocation', async () => {
    const helper = await ready()
    const { uuid: pool, pages } = await makePool(helper)
    const first = await helper.ask('allocation/create', { pool, pages: 2 })
    const second = await helper.ask('allocation/create', { pool, pages: 2 })
    await helper.ask('allocation/create', { pool, pages: 1, name: 'last' })
    await helper.ask('bad/add', { pool, page: 700, pages: 1, why: 'test' })
    expect(second.page).toBe(first.page + 2)
    const at = async (offset: number, length = 2): Promise<number> => {
      const before = base64(await read(helper, pool, offset, length))
      return (await helper.refusal('memory/write', { pool, offset, data: before, before })).code
    }
    const refused = errorCodes['not-allocated']
    expect(await at(0)).toBe(refused)
    expect(await at(first.page * pageBytes - 1)).toBe(refused)
    expect(await at(second.page * pageBytes - 1)).toBe(refused)
    expect(await at((second.page + 3) * pageBytes)).toBe(refused)
    expect(await at(700 * pageBytes)).toBe(refused)
    expect(await at((pages - 1) * pageBytes)).toBe(refused)
    const behind = { pool, offset: pages * pageBytes, data: base64('a'), before: base64('b') }
    expect((await helper.refusal('memory/write', behind)).code).toBe(errorCodes['out-of-range'])
  })

  it('does not change the pages that the pool keeps its records in', async () => {
    const helper = await ready()
    const { uuid: pool } = await makePool(helper, 'lab', { size: 4 * mebibyte })
    for (let i = 0; i < 40; i++) await helper.ask('allocation/create', { pool, pages: 1, name: `n${i}` })
    const { allocations } = await helper.ask('allocation/list', { pool })
    const states = Buffer.from((await helper.ask('pool/map', { pool })).states, 'base64')
    const heads = Array.from({ length: states.length * 4 }, (_, i) => i).filter(
      (page) => (((states[page >> 2] ?? 0) >> ((page & 3) * 2)) & 3) === 3
    )
    const records = heads.filter((page) => !allocations.some((allocation) => allocation.page === page))
    expect(records).not.toStrictEqual([])
    const offset = (records[0] ?? 0) * pageBytes
    const bytes = base64(await read(helper, pool, offset, 8))
    const edit = { pool, offset, data: bytes, before: bytes }
    expect((await helper.refusal('memory/write', edit)).code).toBe(errorCodes['not-allocated'])
  })

  it.each([
    ['nothing', { data: '', before: '' }],
    ['more than was shown', { data: 'AAAA', before: 'AAA=' }],
    ['what is no base64', { data: 'A', before: 'A' }],
    ['too much', { data: base64(Buffer.alloc(editBytes + 1)), before: base64(Buffer.alloc(editBytes + 1)) }],
    ['blindly', { data: 'AAAA' }]
  ])('refuses to write %s', async (_, what) => {
    const helper = await ready()
    const error = await helper.refusal('memory/write', { pool: unknownPool, offset: 0, ...what })
    expect(error.code).toBe(rpcCodes.invalidParams)
  })
})

describe('a pool that lost a region', () => {
  it('is read as far as it is there, and changed nowhere', async () => {
    const helper = await ready()
    const { uuid: pool, region, base } = await makePool(helper, 'lab', { size: 16 * mebibyte })
    await helper.ask('pool/extend', { pool, region, offset: 32 * mebibyte, size: 16 * mebibyte })
    const { page } = await helper.ask('allocation/create', { pool, pages: 1, placement: 'region', node: 0 })
    await helper.end()
    for (const at of [32 * mebibyte, 48 * mebibyte - pageBytes])
      await spoil(base + at, (bytes) => void bytes.fill(0), pageBytes)
    const again = await ready()
    expect((await again.ask('pool/info', { pool })).degraded).toBe(true)
    expect((await read(again, pool, 0, 8)).toString()).toBe('PMPOOLRG')
    for (const [offset, length] of [
      [16 * mebibyte, 1],
      [16 * mebibyte - 1, 2]
    ])
      expect((await again.refusal('memory/read', { pool, offset, length })).code).toBe(errorCodes['region-missing'])
    const edit = { pool, offset: page * pageBytes, data: 'AQ==', before: 'AA==' }
    expect((await again.refusal('memory/write', edit)).code).toBe(errorCodes['pool-degraded'])
    const found = await again.ask('memory/search', { pool, bytes: Buffer.from('PMPOOLRG').toString('base64') })
    expect(found).toMatchObject({ hits: [0, 16 * mebibyte - pageBytes], searched: 16 * mebibyte })
  })
})

describe('snapshot/bytes', () => {
  /** A pool with an allocation of three pages between free ones, each byte of page n being n + 1. */
  const poolOf = async (helper: Helper): Promise<{ pool: string; page: number }> => {
    const { uuid: pool } = await makePool(helper, 'lab', { size: 16 * mebibyte })
    const { page } = await helper.ask('allocation/create', { pool, pages: 3, name: 'db' })
    const data = Buffer.concat([1, 2, 3].map((byte) => Buffer.alloc(pageBytes, byte)))
    await helper.ask('allocation/write', { pool, page, offset: 0, data: data.toString('base64') })
    return { pool, page }
  }
  const bytesOf = async (
    helper: Helper,
    name: string,
    offset: number,
    length: number
  ): Promise<{ data: Buffer; missing: readonly { offset: number; length: number }[] }> => {
    const { data, missing } = await helper.ask('snapshot/bytes', { name, offset, length })
    return { data: Buffer.from(data, 'base64'), missing }
  }

  it('are those of the pages it holds, zeros where it holds none', async () => {
    const helper = await ready()
    const { pool, page } = await poolOf(helper)
    await helper.ask('snapshot/create', { pool, name: 'before' })
    const at = page * pageBytes
    const { data, missing } = await bytesOf(helper, 'before', at + pageBytes - 1, 3 * pageBytes)
    expect([
      data.length,
      data[0],
      data[1],
      data[pageBytes],
      data[pageBytes + 1],
      data[2 * pageBytes + 1]
    ]).toStrictEqual([3 * pageBytes, 1, 2, 2, 3, 0])
    expect(missing).toStrictEqual([{ offset: at + 3 * pageBytes, length: pageBytes - 1 }])
    await helper.ask('snapshot/create', { pool, name: 'whole', all: true })
    expect((await bytesOf(helper, 'whole', at, 4 * pageBytes)).missing).toStrictEqual([])
    const behind = { offset: 16 * mebibyte + 5, length: 10 }
    expect(await helper.ask('snapshot/bytes', { name: 'whole', ...behind })).toStrictEqual({
      data: Buffer.alloc(10).toString('base64'),
      missing: [behind]
    })
  })

  it('are those of the metadata too', async () => {
    const helper = await ready()
    const { pool } = await poolOf(helper)
    const { pages, usage } = await helper.ask('pool/info', { pool })
    const front = usage.pagesMetadata - 1 // superblock B is the last page
    const before = await read(helper, pool, 0, front * pageBytes)
    await helper.ask('snapshot/create', { pool, name: 'before' })
    const { data, missing } = await bytesOf(helper, 'before', 0, (front + 1) * pageBytes)
    expect(missing).toStrictEqual([{ offset: front * pageBytes, length: pageBytes }])
    expect(data.subarray(0, before.length).equals(before)).toBe(true)
    const last = { offset: (pages - 1) * pageBytes, length: pageBytes }
    const { data: end, missing: none } = await bytesOf(helper, 'before', last.offset, last.length)
    expect(none).toStrictEqual([])
    expect(end.equals(await read(helper, pool, last.offset, last.length))).toBe(true)
  })

  it('come through the snapshots that it builds on, and follow the file of that name', async () => {
    const helper = await ready()
    const { pool, page } = await poolOf(helper)
    await helper.ask('snapshot/create', { pool, name: 'one' })
    const changed = { pool, page, offset: pageBytes, data: Buffer.from('x').toString('base64') }
    await helper.ask('allocation/write', changed)
    await helper.ask('snapshot/create', { pool, name: 'two', parent: 'one' })
    const second = async (name: string): Promise<string> =>
      (await bytesOf(helper, name, (page + 1) * pageBytes - 1, 2)).data.toString('latin1')
    expect([await second('one'), await second('two'), await second('one')]).toStrictEqual([
      '\u0001\u0002',
      '\u0001x',
      '\u0001\u0002'
    ])
    await helper.ask('snapshot/delete', { name: 'one', confirm: 'one' })
    expect((await helper.refusal('snapshot/bytes', { name: 'one', offset: 0, length: 1 })).code).toBe(
      errorCodes['file-not-found']
    )
    expect((await helper.refusal('snapshot/bytes', { name: 'two', offset: 0, length: 1 })).code).toBe(
      errorCodes['snapshot-parent']
    )
    await helper.ask('snapshot/create', { pool, name: 'one' })
    expect(await second('one')).toBe('\u0001x')
  })

  it('miss what is damaged in the file', async () => {
    const helper = await ready()
    const { pool, page } = await poolOf(helper)
    const far = await helper.ask('allocation/create', { pool, pages: 1, alignOrder: 10 })
    const random = { pool, page: far.page, offset: 0, data: randomBytes(pageBytes).toString('base64') }
    await helper.ask('allocation/write', random)
    await helper.ask('snapshot/create', { pool, name: 'before' })
    expect((await bytesOf(helper, 'before', far.page * pageBytes, pageBytes)).missing).toStrictEqual([])
    const path = join(directory(), 'host/var/lib/pmpool/snapshots/before.pmsnap')
    const file = readFileSync(path)
    const at = file.indexOf(Buffer.from(random.data, 'base64').subarray(0, 64))
    expect(at).toBeGreaterThan(0)
    file[at] = (file[at] ?? 0) ^ 1
    writeFileSync(path, file)
    expect((await bytesOf(helper, 'before', page * pageBytes, 3 * pageBytes)).missing).toStrictEqual([])
    const { data, missing } = await bytesOf(helper, 'before', far.page * pageBytes, pageBytes)
    expect(missing).toStrictEqual([{ offset: far.page * pageBytes, length: pageBytes }])
    expect(data.some((byte) => byte)).toBe(false)
  })
})

describe('expectation/bytes', () => {
  it.each(['always', 'never'] as const)('with content %s', async (content) => {
    const helper = await ready()
    const { uuid: pool } = await makePool(helper)
    const { page } = await helper.ask('allocation/create', { pool, pages: 2, name: 'db' })
    await helper.ask('allocation/write', { pool, page, offset: 0, data: Buffer.from('Pmpool').toString('base64') })
    const { id } = await helper.ask('expectation/create', { pool, nonce: 'run-1', content })
    const place = { offset: page * pageBytes, length: 3 * pageBytes }
    const { data, missing } = await helper.ask('expectation/bytes', { expectation: id, ...place })
    expect(Buffer.from(data, 'base64').subarray(0, 6).toString()).toBe(content === 'always' ? 'Pmpool' : '\0\0\0\0\0\0')
    expect(missing).toStrictEqual(
      content === 'always' ? [{ offset: (page + 2) * pageBytes, length: pageBytes }] : [place]
    )
    expect((await helper.refusal('expectation/bytes', { expectation: 'absent', offset: 0, length: 1 })).code).toBe(
      errorCodes['expectation-not-found']
    )
  })
})

describe('memory/search', () => {
  const base64 = (bytes: readonly number[] | string): string =>
    (typeof bytes === 'string' ? Buffer.from(bytes) : Buffer.from(bytes)).toString('base64')

  /** Two allocations of 2 pages beside each other, and one far off, with text in them. */
  const filled = async (helper: Helper): Promise<{ pool: string; first: number; far: number; end: number }> => {
    const { uuid: pool, pages } = await makePool(helper)
    const { page } = await helper.ask('allocation/create', { pool, pages: 2 })
    const next = await helper.ask('allocation/create', { pool, pages: 2 })
    const far = await helper.ask('allocation/create', { pool, pages: 1, alignOrder: 12 })
    expect(next.page).toBe(page + 2)
    const write = (at: number, offset: number, text: string): Promise<unknown> =>
      helper.ask('allocation/write', { pool, page: at, offset, data: base64(text) })
    await write(page, pageBytes - 3, 'Needle')
    await write(page, 2 * pageBytes - 3, 'nee')
    await write(next.page, 0, 'dle')
    await write(far.page, 8, 'needneedle nEEdLE')
    return { pool, first: page * pageBytes, far: far.page * pageBytes, end: pages * pageBytes }
  }
  const bytes = base64('needle')

  it('finds bytes over the edges of pages, and inside allocations alone when asked', async () => {
    const helper = await ready()
    const { pool, first, far, end } = await filled(helper)
    const cases: [object, number[]][] = [
      [{}, [first + 2 * pageBytes - 3, far + 12]],
      [{ ignoreCase: true }, [first + pageBytes - 3, first + 2 * pageBytes - 3, far + 12, far + 19]],
      [{ allocatedOnly: true }, [far + 12]],
      [{ from: far + 12 }, [far + 12]],
      [{ from: far + 13 }, []],
      [{ to: far + 18 }, [first + 2 * pageBytes - 3, far + 12]],
      [{ to: far + 17 }, [first + 2 * pageBytes - 3]],
      [{ align: 4 }, [far + 12]],
      [{ align: 8 }, []],
      [{ mask: base64([0, 255, 255, 0, 255, 255]) }, [first + pageBytes - 3, first + 2 * pageBytes - 3, far + 12]]
    ]
    for (const [more, hits] of cases) {
      const answer = await helper.ask('memory/search', { pool, bytes, ...more })
      expect({ more, hits: answer.hits }).toStrictEqual({ more, hits })
      expect(answer.more).toBe(false)
    }
    expect((await helper.ask('memory/search', { pool, bytes })).searched).toBe(end)
    expect((await helper.ask('memory/search', { pool, bytes, allocatedOnly: true })).searched).toBe(5 * pageBytes)
    expect((await helper.ask('log/list', { pool, limit: 1 })).entries[0]?.verb).toBe('write')
  })

  it('finds zeros where nothing was ever written, overlapping, and says that there are more', async () => {
    const helper = await ready()
    const { pool, far } = await filled(helper)
    const zeros = { pool, bytes: base64([0, 0, 0]), from: far + pageBytes }
    expect(await helper.ask('memory/search', { ...zeros, limit: 3 })).toMatchObject({
      hits: [0, 1, 2].map((i) => far + pageBytes + i),
      more: true
    })
    const four = { ...zeros, to: far + pageBytes + 5 }
    expect(await helper.ask('memory/search', { ...four, limit: 3 })).toMatchObject({ more: false })
    expect(await helper.ask('memory/search', { ...four, limit: 2 })).toMatchObject({ more: true })
  })

  it('goes around what was never written, and tells how far it is', async () => {
    const helper = await ready('8T')
    const { uuid: pool } = await makePool(helper)
    const told: unknown[] = []
    helper.rpc.onProgress(new ProgressType(), 'search', (value) => void told.push(value))
    const answer = await helper.ask('memory/search', { pool, bytes, progressToken: 'search' })
    expect(answer).toStrictEqual({ hits: [], more: false, searched: 8 * 2 ** 40 })
    expect(told.length).toBeGreaterThan(0)
    expect(statSync(join(directory(), 'host/dev/mem')).blocks * 512).toBeLessThan(2 ** 30) // holes stay holes
  })

  it.each([
    ['for nothing', { bytes: '' }],
    ['for too much', { bytes: Buffer.alloc(4097).toString('base64') }],
    ['with a mask of another length', { bytes, mask: 'AAAA' }],
    ['every 0 bytes', { bytes, align: 0 }],
    ['every 5000 bytes', { bytes, align: 5000 }],
    ['for no hit', { bytes, limit: 0 }],
    ['backwards', { bytes, from: 8, to: 8 }]
  ])('refuses to search %s', async (_, what) => {
    const helper = await ready()
    const { uuid: pool, pages } = await makePool(helper)
    expect((await helper.refusal('memory/search', { pool, ...what })).code).toBe(rpcCodes.invalidParams)
    const behind = { pool, bytes, to: pages * pageBytes + 1 }
    expect((await helper.refusal('memory/search', behind)).code).toBe(errorCodes['out-of-range'])
  })
})

it('every method of this file answered in it', () => {
  expect(shares.inspect.filter((method) => !answered.has(method))).toStrictEqual([])
})
