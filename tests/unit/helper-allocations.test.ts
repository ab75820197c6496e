// SPDX-License-Identifier: GPL-2.0-or-later
// allocation/resize and allocation/fill of the real helper, held against main/api.
import { describe, expect, it } from 'vitest'
import { CancellationTokenSource, ProgressType } from 'vscode-jsonrpc/node'
import {
  ErrorData,
  errorCodes,
  helperNotifications,
  rpcCodes,
  type ErrorName,
  type HelperParams,
  type HelperResult,
  type Pattern
} from '../../main/api/index.ts'
import type { Helper } from './helper-support.ts'
import { answered, makePool, mebibyte, onHosts, pageBytes, ready, shares } from './helper-support.ts'

onHosts()

type Allocation = HelperResult<'allocation/create'>

const shown = ({ pages, record }: Allocation): { pages: number; recordId: number | null } => ({
  pages,
  recordId: record?.id ?? null
})

/** A pool of 64 MiB whose allocation `db` of 100 pages is followed by free ones, up to another of 3 pages at 1024. */
const pool64 = async (helper: Helper): Promise<{ pool: string; db: Allocation }> => {
  const { uuid: pool } = await makePool(helper, 'lab', { size: 64 * mebibyte })
  const [region] = (await helper.ask('region/list', {})).regions
  const at = (page: number): number => (region?.base ?? 0) + page * pageBytes
  const place = (page: number, pages: number) => ({ pages, addressFrom: at(page), addressTo: at(page + pages) })
  const db = await helper.ask('allocation/create', { pool, ...place(600, 100), name: 'db', owner: 'me', purpose: 'x' })
  await helper.ask('allocation/create', { pool, ...place(1024, 3), name: 'next' })
  return { pool, db }
}

const clean = async (helper: Helper, pool: string): Promise<boolean> =>
  (await helper.ask('pool/check', { pool })).summary.clean

describe('another length', () => {
  it.each([
    ['one page', 1],
    ['shorter', 99],
    ['longer', 101],
    ['up to the next one', 424],
    ['the same', 100]
  ])('of a named allocation: %s', async (_, pages) => {
    const helper = await ready()
    const { pool, db } = await pool64(helper)
    const resized = await helper.ask('allocation/resize', { pool, page: db.page, expect: shown(db), pages })
    expect(resized).toStrictEqual({
      ...db,
      pages,
      record: { ...db.record, id: pages === db.pages ? db.record?.id : resized.record?.id }
    })
    expect(pages === db.pages || (resized.record?.id ?? 0) > (db.record?.id ?? 0)).toBe(true)
    const { allocations } = await helper.ask('allocation/list', { pool })
    expect(allocations[0]).toStrictEqual(resized)
    const { usage } = await helper.ask('pool/info', { pool })
    expect(usage).toMatchObject({ allocations: 2, records: 2, pagesAllocated: pages + 3 })
    const { entries } = await helper.ask('log/list', { pool, limit: 1 })
    expect(entries[0]).toMatchObject(
      pages === db.pages ? { verb: 'allocate' } : { verb: 'resize', page: db.page, pages, detail: 'from 100 pages' }
    )
    expect(await clean(helper, pool)).toBe(true)
  })

  it('of one without a record: its bytes stay, what it gave up is free, another client sees it', async () => {
    const helper = await ready()
    const other = await ready()
    const { uuid: pool } = await makePool(helper, 'lab', { size: 64 * mebibyte })
    const made = await helper.ask('allocation/create', { pool, pages: 1200, alignOrder: 9 })
    const { page } = made
    const data = Buffer.alloc(5 * pageBytes, 'stays').toString('base64')
    await helper.ask('allocation/write', { pool, page, offset: 0, data })
    for (const [was, pages] of [
      [1200, 700],
      [700, 5],
      [5, 2000],
      [2000, 6]
    ] as const) {
      const expected = { pages: was, recordId: null }
      expect(await helper.ask('allocation/resize', { pool, page, expect: expected, pages })).toStrictEqual({
        ...made,
        pages
      })
      expect((await other.ask('pool/info', { pool })).usage.pagesAllocated).toBe(pages)
      expect((await other.ask('allocation/list', { pool })).allocations).toStrictEqual([{ ...made, pages }])
    }
    expect((await helper.ask('allocation/read', { pool, page, offset: 0, length: 5 * pageBytes })).data).toBe(data)
    expect(await clean(helper, pool)).toBe(true)
  })

  const refusals: [string, ErrorName | 'invalid', (helper: Helper, pool: string, db: Allocation) => object, string][] =
    [
      ['none', 'invalid', () => ({ pages: 0 }), 'pages'],
      [
        'into the next allocation',
        'no-space',
        () => ({ pages: 425 }),
        'page 1024 begins an allocation of 3 pages, next'
      ],
      ['beyond the region', 'no-space', () => ({ page: 1024, expect: null, pages: 2 ** 40 }), 'the end of what can be'],
      ['as others saw it', 'pool-changed', () => ({ expect: { pages: 99, recordId: null }, pages: 5 }), '100 pages'],
      ['of no allocation', 'not-allocated', () => ({ page: 5000, pages: 5 }), 'page 5000'],
      ['of the middle of one', 'not-allocated', (_helper, _pool, db) => ({ page: db.page + 1, pages: 5 }), 'page']
    ]
  it.each(refusals)('is refused: %s', async (_, name, params, says) => {
    const helper = await ready()
    const { pool, db } = await pool64(helper)
    const { allocations: before } = await helper.ask('allocation/list', { pool })
    const asked = { pool, page: db.page, expect: shown(db), ...params(helper, pool, db) } as Record<string, unknown>
    if (asked.expect === null) asked.expect = shown(before[1] as Allocation)
    const error = await helper.refusal('allocation/resize', asked)
    expect(error.code).toBe(name === 'invalid' ? rpcCodes.invalidParams : errorCodes[name])
    expect(error.message).toContain(says)
    if (name !== 'invalid') expect(ErrorData.strict().parse(error.data)).toMatchObject({ name })
    expect((await helper.ask('allocation/list', { pool })).allocations).toStrictEqual(before)
    expect(await clean(helper, pool)).toBe(true)
  })

  it('does not go over a bad page', async () => {
    const helper = await ready()
    const { pool, db } = await pool64(helper)
    await helper.ask('bad/add', { pool, page: 705, pages: 1, why: 'memtest' })
    const grow = { pool, page: db.page, expect: shown(db) }
    const error = await helper.refusal('allocation/resize', { ...grow, pages: 106 })
    expect(error.message).toContain('page 705 is bad, in quarantine: the allocation can have 105 pages here, not 106')
    expect(await helper.ask('allocation/resize', { ...grow, pages: 105 })).toMatchObject({ pages: 105 })
  })
})

it('a shorter length for a record that has no place beside the old one says the way out, and then works', async () => {
  const helper = await ready()
  const { uuid: pool } = await makePool(helper, 'lab', { size: 2 * mebibyte })
  const big = await helper.ask('allocation/create', { pool, pages: 4, name: 'big' })
  const one = async (name?: string): Promise<number> =>
    (await helper.ask('allocation/create', { pool, pages: 1, ...(name === undefined ? {} : { name }) })).page
  const unnamed: number[] = []
  while ((await helper.ask('pool/info', { pool })).usage.pagesFree > 0) unnamed.push(await one())
  // each unnamed one becomes a named one, until no record is left and no page for more of them
  const free = async (page: number): Promise<void> => {
    await helper.ask('allocation/free', { pool, page, expect: { pages: 1, recordId: null } })
  }
  for (const page of unnamed) {
    await free(page)
    const named = await one(`n${page}`).catch(() => undefined)
    if (named === undefined) break
  }
  while ((await helper.ask('pool/info', { pool })).usage.pagesFree > 0) await one()
  const shorter = { pool, page: big.page, expect: shown(big), pages: 3 }
  const refusal = await helper.refusal('allocation/resize', shorter)
  expect(refusal.code).toBe(errorCodes['directory-full'])
  expect(refusal.message).toContain('Free any other allocation of the region first')
  expect(await clean(helper, pool)).toBe(true)

  const { allocations } = await helper.ask('allocation/list', { pool })
  const other = allocations.find(({ page, record }) => page !== big.page && record === null)
  await free(other?.page ?? 0)
  expect((await helper.ask('allocation/resize', shorter)).pages).toBe(3)
  expect(await clean(helper, pool)).toBe(true)
})

describe('a fill', () => {
  const bytesOf = async (helper: Helper, pool: string, { page, pages }: Allocation): Promise<Buffer> => {
    const { data } = await helper.ask('allocation/read', { pool, page, offset: 0, length: pages * pageBytes })
    return Buffer.from(data, 'base64')
  }
  const patterns: Pattern[] = [
    { kind: 'address' },
    { kind: 'random', seed: 7 },
    { kind: 'walking-ones', seed: 3 },
    { kind: 'data', data: Buffer.from('Pmpool').toString('base64') }
  ]

  it.each(patterns)('is what a check of free pages expects there: %j', async (pattern) => {
    const helper = await ready()
    const { pool, db } = await pool64(helper)
    const { page, pages } = db
    const seen: { done: number; total: number }[] = []
    helper.rpc.onProgress(new ProgressType<unknown>(), 'token', (value) => {
      seen.push(helperNotifications['$/progress'].params.shape.value.strict().parse(value))
    })
    const filled = await helper.ask('allocation/fill', {
      pool,
      page,
      expect: shown(db),
      pattern,
      progressToken: 'token'
    })
    expect(filled).toStrictEqual({ written: pages * pageBytes })
    expect(seen.at(-1)).toMatchObject({ done: pages * pageBytes, total: pages * pageBytes })
    const { entries } = await helper.ask('log/list', { pool, limit: 1 })
    expect(entries[0]).toMatchObject({ verb: 'fill', page, pages })
    expect(entries[0]?.detail).toMatch(new RegExp(`^${pattern.kind}`))
    await helper.ask('allocation/free', { pool, page, expect: shown(db) })
    const check = await helper.ask('pattern/check', { pool, pattern, from: page, to: page + pages })
    expect(check).toMatchObject({ intact: true, pages, skipped: 0 })
  })

  it.each([
    ['within a page', 100, 7],
    ['over a border', pageBytes - 3, 5],
    ['from an odd byte on, to the end', 5 * pageBytes + 1, undefined],
    ['some pages', 3 * pageBytes, 4 * pageBytes],
    ['pages and parts of pages', 2 * pageBytes + 9, 6 * pageBytes]
  ])('of a part writes that part: %s', async (_, offset, length) => {
    const helper = await ready()
    const { pool, db } = await pool64(helper)
    const { page } = db
    const fill = { pool, page, expect: shown(db) }
    await helper.ask('allocation/fill', { ...fill, pattern: { kind: 'random' } })
    const over = await bytesOf(helper, pool, db)
    await helper.ask('allocation/fill', { ...fill, pattern: { kind: 'address' } })
    const expected = await bytesOf(helper, pool, db)
    const end = length === undefined ? expected.length : offset + length
    over.copy(expected, offset, offset, end)
    const part = { offset, ...(length !== undefined && { length }) }
    expect(await helper.ask('allocation/fill', { ...fill, pattern: { kind: 'random' }, ...part })).toStrictEqual({
      written: end - offset
    })
    expect((await bytesOf(helper, pool, db)).equals(expected)).toBe(true)
    const { entries } = await helper.ask('log/list', { pool, limit: 1 })
    expect(entries[0]?.detail).toBe(`random; ${String(end - offset)} bytes at ${String(offset)}`)
  })

  it.each<[ErrorName | 'invalid', Partial<HelperParams<'allocation/fill'>>]>([
    ['out-of-range', { offset: 100 * pageBytes }],
    ['out-of-range', { offset: 1, length: 100 * pageBytes }],
    ['pool-changed', { expect: { pages: 100, recordId: null } }],
    ['not-allocated', { page: 5000 }],
    ['invalid', { pattern: { kind: 'data' } }],
    ['invalid', { length: 0 }]
  ])('is refused, %s: %j', async (name, params) => {
    const helper = await ready()
    const { pool, db } = await pool64(helper)
    const before = await bytesOf(helper, pool, db)
    const fill = { pool, page: db.page, expect: shown(db), pattern: { kind: 'ones' }, ...params }
    const error = await helper.refusal('allocation/fill', fill)
    expect(error.code).toBe(name === 'invalid' ? rpcCodes.invalidParams : errorCodes[name])
    expect((await bytesOf(helper, pool, db)).equals(before)).toBe(true)
    expect((await helper.ask('log/list', { pool, limit: 1 })).entries[0]?.verb).toBe('allocate')
  })

  it('that is cancelled says how far it came, and so does the log', async () => {
    const helper = await ready('512M')
    const { uuid: pool } = await makePool(helper)
    const made = await helper.ask('allocation/create', { pool, pages: 400 * 256 })
    const cancel = new CancellationTokenSource()
    const begun = new Promise<void>((resolve) => {
      helper.rpc.onProgress(new ProgressType<unknown>(), 1, () => {
        resolve()
      })
    })
    const params = { pool, page: made.page, expect: shown(made), pattern: { kind: 'random' }, progressToken: 1 }
    const asked = helper.rpc.sendRequest('allocation/fill', params, cancel.token).then(
      () => 'filled',
      (error: unknown) => error
    )
    await Promise.race([begun, asked])
    cancel.cancel()
    const ended = await asked
    const { entries } = await helper.ask('log/list', { pool, limit: 1 })
    const [entry] = entries
    expect(entry).toMatchObject({ verb: 'fill', page: made.page, pages: made.pages })
    if (ended === 'filled') {
      expect(entry?.detail).toBe('random')
    } else {
      expect(ended).toMatchObject({ code: rpcCodes.cancelled })
      const written = Number(/^random; (\d+) bytes at 0$/.exec(entry?.detail ?? '')?.[1])
      expect((ended as Error).message).toContain(`the first ${String(written)} hold the pattern`)
      expect(written).toBeLessThan(made.pages * pageBytes)
    }
    expect(await clean(helper, pool)).toBe(true)
  })
})

it('all of them were asked here', () => {
  expect(shares.allocations.filter((method) => !answered.has(method))).toStrictEqual([])
})
