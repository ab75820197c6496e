// SPDX-License-Identifier: GPL-2.0-or-later
// Bytes of live memory, of snapshots and of expectations, by the real helper on a simulated host.
import { describe, expect, it } from 'vitest'
import { editBytes, errorCodes, rpcCodes } from '../../main/api/index.ts'
import { makePool, mebibyte, onHosts, pageBytes, ready, unknownPool, type Helper } from './helper-support.ts'

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
