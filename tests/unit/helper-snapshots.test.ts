// SPDX-License-Identifier: GPL-2.0-or-later
// Snapshots of the real helper, held against main/api: chains, damage, comparisons, what comes back.
import { randomFillSync } from 'node:crypto'
import { readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CancellationTokenSource, ProgressType } from 'vscode-jsonrpc/node'
import {
  ErrorData,
  errorCodes,
  helperNotifications,
  rpcCodes,
  type ErrorName,
  type HelperResult
} from '../../main/api/index.ts'
import {
  answered,
  directory,
  files,
  makePool,
  mebibyte,
  onHosts,
  pageBytes,
  ready,
  shares,
  spoil,
  unknownPool,
  type Helper
} from './helper-support.ts'

onHosts()

const stored = (name: string): string => join(directory(), 'host/var/lib/pmpool/snapshots', `${name}.pmsnap`)

type Allocation = HelperResult<'allocation/create'>

/** A pool with 64 pages of content under the name "data". */
const filled = async (helper: Helper): Promise<{ pool: string; data: Allocation }> => {
  const { uuid: pool } = await makePool(helper)
  const data = await helper.ask('allocation/create', { pool, pages: 64, name: 'data', owner: 'tests' })
  await spoil(data.address, (bytes) => randomFillSync(bytes), 64 * pageBytes)
  return { pool, data }
}

const shown = ({ pages, record }: Allocation): { pages: number; recordId: number | null } => ({
  pages,
  recordId: record?.id ?? null
})

const change = (data: Allocation, page: number): Promise<void> =>
  spoil(data.address + page * pageBytes, (bytes) => void (bytes[7] = (bytes[7] ?? 0) ^ 0xff), pageBytes)

/** The error by its name, and the word that it wants. */
const refused = async (helper: Helper, method: string, params: unknown): Promise<{ name: ErrorName; word: string }> => {
  const { code, data } = await helper.refusal(method, params)
  const { name, confirm } = ErrorData.parse(data)
  const known = name as ErrorName // held against the table next
  expect(code).toBe(errorCodes[known])
  return { name: known, word: confirm ?? '' }
}

describe('a snapshot', () => {
  it('counts what costs nothing, and free pages when asked', async () => {
    const helper = await ready()
    const { uuid: pool, pages } = await makePool(helper)
    const { address } = await helper.ask('allocation/create', { pool, pages: 10 })
    await spoil(address, (bytes) => void bytes.fill(7, 0, 4 * pageBytes), 10 * pageBytes)
    const { bootId } = await helper.ask('host/info', {})
    expect(await helper.ask('snapshot/create', { pool, name: 'some' })).toMatchObject({
      ...{ pool, poolName: 'lab', bootId, all: false, pages: 10, zeroPages: 6, repeatedPages: 3, parentPages: 0 },
      ...{ movedPages: 0, parent: null, damage: null }
    })
    const all = await helper.ask('snapshot/create', { pool, name: 'all', all: true })
    expect(all.all).toBe(true)
    expect(all.pages).toBeGreaterThan(pages - 100)
    expect((await helper.ask('snapshot/list', {})).snapshots.map(({ name }) => name).sort()).toStrictEqual([
      'all',
      'some'
    ])
  })

  it('builds on another one', async () => {
    const helper = await ready()
    const { pool, data } = await filled(helper)
    const one = await helper.ask('snapshot/create', { pool, name: 'one' })
    await change(data, 3)
    const two = await helper.ask('snapshot/create', { pool, name: 'two', parent: 'one' })
    expect(two).toMatchObject({
      pages: 64,
      parentPages: 63,
      parent: { name: 'one', digest: one.digest, present: true }
    })
    expect(two.bytes).toBeLessThan(one.bytes)
    expect(await helper.ask('snapshot/verify', { name: 'two' })).toStrictEqual(two)
    expect((await helper.ask('snapshot/list', {})).snapshots).toStrictEqual([two, one])
    const whole = await helper.ask('snapshot/create', { pool, name: 'whole' })
    expect(whole.digest).toBe(two.digest)
  })

  it('is needed by those that build on it', async () => {
    const helper = await ready()
    const { pool } = await filled(helper)
    await helper.ask('snapshot/create', { pool, name: 'one' })
    await helper.ask('snapshot/create', { pool, name: 'two', parent: 'one' })
    expect(await refused(helper, 'snapshot/delete', { name: 'one' })).toStrictEqual({
      name: 'confirm-needed',
      word: 'one'
    })
    expect((await refused(helper, 'snapshot/delete', { name: 'one', confirm: 'yes' })).name).toBe('confirm-needed')
    expect(files('snapshots')).toStrictEqual(['one.pmsnap', 'two.pmsnap'])
    await helper.ask('snapshot/delete', { name: 'one', confirm: 'one' })
    const { snapshots } = await helper.ask('snapshot/list', {})
    expect(snapshots).toMatchObject([{ name: 'two', damage: null, parent: { name: 'one', present: false } }])
    for (const [method, params] of [
      ['snapshot/verify', { name: 'two' }],
      ['snapshot/compare', { before: 'two' }],
      ['snapshot/create', { pool, name: 'three', parent: 'two' }],
      ['snapshot/restore', { name: 'two', pool, what: 'content', confirm: 'lab' }]
    ] as const)
      expect((await refused(helper, method, params)).name, method).toBe('snapshot-parent')
    expect(files('snapshots')).toStrictEqual(['two.pmsnap'])
  })

  it('is listed when it is damaged', async () => {
    const helper = await ready()
    const { pool } = await filled(helper)
    const whole = await helper.ask('snapshot/create', { pool, name: 'whole' })
    const bytes = readFileSync(stored('whole'))
    writeFileSync(stored('cut'), bytes)
    truncateSync(stored('cut'), bytes.length - 1000)
    writeFileSync(stored('text'), 'nothing of the kind')
    writeFileSync(stored('empty'), '')
    const { snapshots } = await helper.ask('snapshot/list', {})
    const found = Object.fromEntries(snapshots.map((snapshot) => [snapshot.name, snapshot]))
    expect(Object.keys(found).sort()).toStrictEqual(['cut', 'empty', 'text', 'whole'])
    expect(found['whole']).toStrictEqual(whole)
    expect(found['cut']).toMatchObject({ pool, poolName: 'lab', damage: { name: 'file-truncated' } })
    expect(found['text']).toMatchObject({ poolName: '', pages: 0, damage: { name: 'file-foreign' } })
    expect(found['empty']?.damage).not.toBeNull()
    expect((await refused(helper, 'snapshot/verify', { name: 'cut' })).name).toBe('file-truncated')
    expect((await refused(helper, 'snapshot/verify', { name: 'text' })).name).toBe('file-foreign')
  })
})

describe('a comparison', () => {
  it('of two snapshots, and of one with the pool as it is', async () => {
    const helper = await ready()
    const { pool, data } = await filled(helper)
    await helper.ask('snapshot/create', { pool, name: 'before' })
    expect(await helper.ask('snapshot/compare', { before: 'before' })).toMatchObject({
      ...{ pool, poolName: 'lab', same: true, runs: [], allocations: [], records: [], diagnoses: [] },
      before: { name: 'before', pages: 64 },
      after: { name: null }
    })
    await change(data, 3)
    const more = await helper.ask('allocation/create', { pool, pages: 2, name: 'more' })
    await helper.ask('allocation/relabel', { pool, page: data.page, expect: shown(data), owner: 'me' })
    await helper.ask('snapshot/create', { pool, name: 'after', parent: 'before' })
    for (const after of [undefined, 'after']) {
      const comparison = await helper.ask('snapshot/compare', { before: 'before', ...(after && { after }) })
      expect(comparison).toMatchObject({
        same: false,
        pages: { compared: 64, changed: 1, added: 2, removed: 0, unreadable: 0 },
        runs: [
          { page: data.page + 3, pages: 1, address: data.address + 3 * pageBytes, kind: 'changed' },
          { page: more.page, pages: 2, kind: 'added' }
        ]
      })
      expect(comparison.records.map(({ state }) => state).sort()).toStrictEqual(['added', 'changed'])
      expect(comparison.diagnoses).toHaveLength(1)
    }
  })

  it('is refused between two pools', async () => {
    const helper = await ready()
    const { region } = await makePool(helper, 'a', { size: 16 * mebibyte })
    const { uuid: b } = await helper.ask('pool/create', { region, offset: 16 * mebibyte, name: 'b' })
    const { pools } = await helper.ask('pool/list', {})
    for (const { uuid: pool, name } of pools) await helper.ask('snapshot/create', { pool, name })
    expect((await refused(helper, 'snapshot/compare', { before: 'a', after: 'b' })).name).toBe('snapshot-foreign')
    expect((await refused(helper, 'snapshot/create', { pool: b, name: 'c', parent: 'a' })).name).toBe(
      'snapshot-foreign'
    )
    expect(files('snapshots')).toStrictEqual(['a.pmsnap', 'b.pmsnap'])
  })
})

describe('a restore', () => {
  it('of one allocation wants it as it was shown, and its name', async () => {
    const helper = await ready()
    const { pool, data } = await filled(helper)
    await helper.ask('snapshot/create', { pool, name: 'before' })
    await change(data, 3)
    const params = { name: 'before', pool, what: 'allocation', page: data.page, expect: shown(data) } as const
    expect(await refused(helper, 'snapshot/restore', params)).toStrictEqual({ name: 'confirm-needed', word: 'data' })
    const stale = { ...params, confirm: 'data', expect: { pages: 63, recordId: null } }
    expect((await refused(helper, 'snapshot/restore', stale)).name).toBe('pool-changed')
    expect(await helper.ask('snapshot/restore', { ...params, confirm: 'data' })).toStrictEqual({
      ...{ pages: 1, unchanged: 63, allocations: 1, skipped: 0 }
    })
    expect((await helper.ask('snapshot/compare', { before: 'before' })).same).toBe(true)
    const { entries } = await helper.ask('log/list', { pool, limit: 1 })
    expect(entries).toMatchObject([{ verb: 'restore', page: data.page, pages: 64, detail: 'before' }])
  })

  it('of all content leaves alone what is another allocation by now', async () => {
    const helper = await ready()
    const { pool, data } = await filled(helper)
    const gone = await helper.ask('allocation/create', { pool, pages: 2, name: 'gone' })
    await helper.ask('snapshot/create', { pool, name: 'before' })
    await change(data, 0)
    await change(data, 63)
    await helper.ask('allocation/free', { pool, page: gone.page, expect: shown(gone) })
    await helper.ask('allocation/create', { pool, pages: 2, name: 'newcomer' })
    const params = { name: 'before', pool, what: 'content' } as const
    expect((await refused(helper, 'snapshot/restore', params)).word).toBe('lab')
    expect(await helper.ask('snapshot/restore', { ...params, confirm: 'lab' })).toStrictEqual({
      ...{ pages: 2, unchanged: 62, allocations: 1, skipped: 1 }
    })
  })

  it('of the whole pool names what it destroys; who has it attached sees it change', async () => {
    const [one, two] = [await ready(), await ready()]
    const { pool, data } = await filled(one)
    await one.ask('snapshot/create', { pool, name: 'before' })
    const before = await two.ask('allocation/list', { pool })
    await two.ask('allocation/free', { pool, page: data.page, expect: shown(data) })
    for (let i = 0; i < 3; i++) await two.ask('allocation/create', { pool, pages: 5, name: `later ${i}` })
    const params = { name: 'before', pool, what: 'pool' } as const
    const { name, word } = await refused(one, 'snapshot/restore', params)
    expect(name).toBe('confirm-needed')
    expect(word).toMatch(/^pool-/)
    expect((await refused(one, 'snapshot/restore', { ...params, confirm: 'pool-0000' })).name).toBe('confirm-needed')
    expect(await one.ask('snapshot/restore', { ...params, confirm: word })).toMatchObject({
      allocations: 1,
      skipped: 0
    })
    for (const helper of [one, two]) {
      expect((await helper.ask('allocation/list', { pool })).allocations).toStrictEqual(before.allocations)
      expect((await helper.ask('pool/check', { pool })).summary.clean).toBe(true)
    }
    for (const helper of [one, two]) await helper.ask('allocation/create', { pool, pages: 5 })
    expect((await two.ask('log/list', { pool })).entries.map(({ verb }) => verb)).toContain('restore')
    expect((await one.ask('snapshot/compare', { before: 'before' })).pages.changed).toBe(0)
  })

  it('of a pool that was deleted needs no word where nothing stands', async () => {
    const helper = await ready()
    const { pool } = await filled(helper)
    await helper.ask('snapshot/create', { pool, name: 'before' })
    await helper.ask('pool/delete', { pool, expect: { name: 'lab' } })
    const { base, size } = (await helper.ask('region/list', {})).regions[0] ?? { base: 0, size: 0 }
    await spoil(base, (bytes) => void bytes.fill(0), size)
    const restored = await helper.ask('snapshot/restore', { name: 'before', pool, what: 'pool' })
    expect(restored).toMatchObject({ allocations: 1 })
    expect(await helper.ask('pool/info', { pool })).toMatchObject({ name: 'lab', degraded: false, readOnly: false })
    expect((await helper.ask('snapshot/compare', { before: 'before' })).same).toBe(true)
  })

  it.each([
    ['a page for all content', { what: 'content', page: 1 }],
    ['no page for an allocation', { what: 'allocation' }],
    ['no such thing', { what: 'everything' }]
  ])('with %s is refused with -32602', async (_, more) => {
    const helper = await ready()
    const { pool } = await filled(helper)
    await helper.ask('snapshot/create', { pool, name: 'before' })
    const error = await helper.refusal('snapshot/restore', { name: 'before', pool, ...more })
    expect(error.code).toBe(rpcCodes.invalidParams)
    expect(error.message).toMatch(/parameter/)
  })

  it('into another pool is refused', async () => {
    const helper = await ready()
    const { pool } = await filled(helper)
    await helper.ask('snapshot/create', { pool, name: 'before' })
    const params = { name: 'before', pool: unknownPool, what: 'content' }
    expect((await refused(helper, 'snapshot/restore', params)).name).toBe('snapshot-foreign')
  })
})

describe('long requests', () => {
  /** 48 MiB that no compressor can shrink: work enough to be interrupted in. */
  const fill = async (helper: Helper): Promise<string> => {
    const { uuid: pool, base } = await makePool(helper)
    const { address } = await helper.ask('allocation/create', { pool, pages: 12_288 })
    expect(address).toBeGreaterThan(base)
    const memory = join(directory(), 'host/dev/mem')
    const file = await open(memory, 'r+')
    for (let at = 0; at < 48; at++)
      await file.write(randomFillSync(Buffer.alloc(2 ** 20)), 0, 2 ** 20, address + at * 2 ** 20)
    await file.close()
    return pool
  }

  it('tell how far they are', async () => {
    const helper = await ready()
    const pool = await fill(helper)
    const seen: { done: number; total: number }[] = []
    helper.rpc.onProgress(new ProgressType<unknown>(), 'token', (value) => {
      seen.push(helperNotifications['$/progress'].params.shape.value.strict().parse(value))
    })
    await helper.ask('snapshot/create', { pool, name: 'whole', progressToken: 'token' })
    expect(seen.at(-1)).toStrictEqual({ done: 48 * 2 ** 20, total: 48 * 2 ** 20 })
  })

  it('end when cancelled, and leave no file', async () => {
    const helper = await ready()
    const pool = await fill(helper)
    const cancel = new CancellationTokenSource()
    const asked = helper.ask('snapshot/create', { pool, name: 'whole', progressToken: 1 }, cancel)
    const ended = expect(asked).rejects.toMatchObject({ code: rpcCodes.cancelled })
    cancel.cancel()
    await ended
    expect(files('snapshots')).toStrictEqual([])
    expect((await helper.ask('snapshot/list', {})).snapshots).toStrictEqual([])
  })

  it('let others be answered meanwhile; a fifth one is busy', async () => {
    const helper = await ready()
    const pool = await fill(helper)
    const results = await Promise.allSettled([
      ...Array.from({ length: 5 }, (_, i) => helper.ask('snapshot/create', { pool, name: `s${i}` })),
      helper.ask('pool/info', { pool })
    ])
    expect(results.map(({ status }) => status)).toStrictEqual([
      ...Array<string>(4).fill('fulfilled'),
      'rejected',
      'fulfilled'
    ])
    expect(results[4]).toMatchObject({ reason: { code: errorCodes.busy } })
  })

  it('are dropped with the connection, and leave no file', async () => {
    const helper = await ready()
    const pool = await fill(helper)
    helper.ask('snapshot/create', { pool, name: 'whole' }).catch(() => {})
    await helper.ask('pool/info', { pool }) // answered after the snapshot began
    await helper.end()
    expect(await helper.exited).toStrictEqual({ code: 0, signal: null })
    expect(files('snapshots')).toStrictEqual([])
  })
})

it('asked every method of this file’s share', () => {
  expect(shares.snapshots.filter((method) => !answered.has(method))).toStrictEqual([])
})
