// SPDX-License-Identifier: GPL-2.0-or-later
// Bytes of live memory, of snapshots and of expectations, by the real helper on a simulated host.
import { describe, expect, it } from 'vitest'
import { errorCodes, rpcCodes } from '../../main/api/index.ts'
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
