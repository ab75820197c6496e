// SPDX-License-Identifier: GPL-2.0-or-later
// Patterns, memory tests, faults, expectations and verdicts of the real helper, held against main/api.
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CancellationTokenSource, ProgressType } from 'vscode-jsonrpc/node'
import {
  ErrorData,
  errorCodes,
  helperNotifications,
  memoryTests,
  patternKinds,
  rpcCodes,
  type DiagnosisKind,
  type ErrorName,
  type FaultKind,
  type HelperMethod,
  type HelperResult,
  type Pattern,
  type VerdictClass
} from '../../main/api/index.ts'
import type { Helper } from './helper-support.ts'
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
  unknownPool
} from './helper-support.ts'

onHosts()

const stateFile = (folder: string, name: string): string => join(directory(), 'host/var/lib/pmpool', folder, name)

/** A pool of 16 MiB with one named allocation of 64 pages that hold distinct bytes. */
const pool16 = async (helper: Helper): Promise<{ pool: string; page: number; address: number }> => {
  const { uuid: pool } = await makePool(helper, 'lab', { size: 16 * mebibyte })
  const { page, address } = await helper.ask('allocation/create', { pool, pages: 64, alignOrder: 6, name: 'db' })
  const bytes = Buffer.alloc(64 * pageBytes)
  let state = 1
  for (let at = 0; at < bytes.length; at += 4) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    bytes.writeUInt32LE((state ^ (state >>> 13) ^ at) >>> 0, at)
  }
  await helper.ask('allocation/write', { pool, page, offset: 0, data: bytes.toString('base64') })
  return { pool, page, address }
}

describe('patterns', () => {
  const patterns: Pattern[] = [
    ...patternKinds.filter((kind) => kind !== 'data').map((kind) => ({ kind })),
    { kind: 'random', seed: 2 ** 53 - 1 },
    { kind: 'walking-ones', seed: 5 },
    { kind: 'data', data: Buffer.from('Pmpool').toString('base64') }
  ]

  it('hold what each of them says, on free pages alone', async () => {
    const helper = await ready()
    const { pool, page } = await pool16(helper)
    const { usage, pages } = await helper.ask('pool/info', { pool })
    const before = await helper.ask('allocation/read', { pool, page, offset: 0, length: mebibyte / 4 })
    for (const pattern of patterns) {
      const filled = await helper.ask('pattern/fill', { pool, pattern })
      expect(filled).toMatchObject({
        pages: usage.pagesFree,
        bytes: usage.pagesFree * pageBytes,
        skipped: pages - usage.pagesFree
      })
      const checked = await helper.ask('pattern/check', { pool, pattern })
      expect(checked).toMatchObject({ intact: true, pages: filled.pages, skipped: filled.skipped, changed: 0 })
    }
    expect(await helper.ask('allocation/read', { pool, page, offset: 0, length: mebibyte / 4 })).toStrictEqual(before)
    const { entries } = await helper.ask('log/list', { pool, limit: 1 })
    expect(entries).toMatchObject([{ verb: 'fill', pages: usage.pagesFree, detail: 'data, 6 bytes' }])
  })

  it('tell which pages changed, and what happened to them', async () => {
    const helper = await ready()
    const { pool } = await pool16(helper)
    const { base } = await helper.ask('pool/info', { pool })
    const pattern = { kind: 'random' as const, seed: 9 }
    await helper.ask('pattern/fill', { pool, pattern, from: 1000, to: 2000 })
    const changes: [number, (bytes: Buffer) => void][] = [
      [1200, (bytes) => bytes.writeUInt8(bytes.readUInt8(70) ^ 4, 70)],
      [1300, (bytes) => bytes.fill(0)],
      [1301, (bytes) => bytes.fill(0)],
      [1400, (bytes) => bytes.fill(0xff)]
    ]
    for (const [at, change] of changes) await spoil(base + at * pageBytes, change, pageBytes)
    const found = await helper.ask('pattern/check', { pool, pattern, from: 1000, to: 2000 })
    expect(found).toMatchObject({ intact: false, pages: 1000, changed: 4 })
    expect(found.runs).toStrictEqual([
      { page: 1200, pages: 1, address: base + 1200 * pageBytes, kind: 'changed' },
      { page: 1300, pages: 2, address: base + 1300 * pageBytes, kind: 'zeroed' },
      { page: 1400, pages: 1, address: base + 1400 * pageBytes, kind: 'ones' }
    ])
    expect(new Set(found.diagnoses.map(({ kind }) => kind))).toStrictEqual(new Set(['bit-flip', 'zeroed', 'ones']))
  })

  it('name an address line: a page that holds the addresses of another one', async () => {
    const helper = await ready()
    const { pool } = await pool16(helper)
    const { base } = await helper.ask('pool/info', { pool })
    const pattern = { kind: 'address' as const }
    await helper.ask('pattern/fill', { pool, pattern })
    await spoil(
      base + 1024 * pageBytes,
      (bytes) => {
        for (let at = 0; at < pageBytes; at += 8)
          bytes.writeBigUInt64LE(BigInt(base + (1024 ^ 512) * pageBytes + at), at)
      },
      pageBytes
    )
    const { diagnoses } = await helper.ask('pattern/check', { pool, pattern })
    expect(diagnoses).toMatchObject([{ kind: 'aliased', pages: 1, addressLine: 21 }])
  })

  it('go through a kexec', async () => {
    const helper = await ready()
    const { pool } = await pool16(helper)
    const { bootId } = await helper.ask('host/info', {})
    const pattern = { kind: 'address' as const }
    await helper.ask('pattern/fill', { pool, pattern })
    const plan = await helper.ask('kexec/plan', { pool })
    await helper.ask('kexec/load', { plan })
    await helper.ask('kexec/jump', { pool, bootId, nonce: plan.nonce })
    await helper.exited
    const after = await ready()
    expect((await after.ask('pattern/check', { pool, pattern })).intact).toBe(true)
    const freed = (await after.ask('allocation/list', { pool })).allocations[0]
    if (!freed) throw new Error('the allocation is gone')
    const { page, pages, record } = freed
    await after.ask('allocation/free', { pool, page, expect: { pages, recordId: record?.id ?? null } })
    const then = await after.ask('pattern/check', { pool, pattern })
    expect(then).toMatchObject({ intact: false, changed: pages, runs: [{ page, pages }] })
  })

  it('let other clients allocate meanwhile', async () => {
    const helper = await ready()
    const other = await ready()
    const { uuid: pool } = await makePool(helper)
    const filling = helper.ask('pattern/fill', { pool, pattern: { kind: 'random' } })
    const made = await Promise.all(Array.from({ length: 20 }, () => other.ask('allocation/create', { pool, pages: 7 })))
    expect(new Set(made.map(({ page }) => page)).size).toBe(20)
    await filling
    expect((await other.ask('pool/check', { pool })).summary.clean).toBe(true)
  })
})

describe('memory tests', () => {
  it('pass on good memory, leave zeros, and are kept', async () => {
    const helper = await ready()
    const { pool } = await pool16(helper)
    expect(await helper.ask('memory/results', {})).toStrictEqual({ results: [] })
    const seen: { done: number; total: number }[] = []
    helper.rpc.onProgress(new ProgressType<unknown>(), 'token', (value) => {
      seen.push(helperNotifications['$/progress'].params.shape.value.strict().parse(value))
    })
    const first = await helper.ask('memory/test', { pool, passes: 2, progressToken: 'token' })
    expect(first).toMatchObject({ pool, poolName: 'lab', passed: true, passes: 2, errors: [], badPages: [] })
    expect(first.tests).toStrictEqual(memoryTests.map((test) => ({ test, errors: 0 })))
    expect(seen.at(-1)?.done).toBe(seen.at(-1)?.total)
    const second = await helper.ask('memory/test', { pool, tests: ['random'], from: 1024, to: 1280 })
    expect(second).toMatchObject({ pages: 256, skipped: 0, tests: [{ test: 'random', errors: 0 }] })
    expect((await helper.ask('memory/results', {})).results).toStrictEqual([second, first])
    expect(files('tests')).toStrictEqual([`${first.name}.json`, `${second.name}.json`].sort())
    expect((await helper.ask('pattern/check', { pool, pattern: { kind: 'zeros' } })).intact).toBe(true)
    const { entries } = await helper.ask('log/list', { pool, limit: 1 })
    expect(entries).toMatchObject([{ verb: 'test', pages: 256, detail: '1 pass, 0 errors' }])
  })

  it('of another make than ours are not told', async () => {
    const helper = await ready()
    const { pool } = await pool16(helper)
    const kept = await helper.ask('memory/test', { pool, tests: ['random'], from: 1024, to: 1280 })
    writeFileSync(stateFile('tests', 'half.json'), '{"name": "half"')
    writeFileSync(stateFile('tests', 'other.json'), '{"name": "other"}')
    writeFileSync(stateFile('tests', 'list.json'), '[]')
    expect((await helper.ask('memory/results', {})).results).toStrictEqual([kept])
  })
})

describe('a region that no pool has', () => {
  it('is filled, held against its pattern and tested like free pages', async () => {
    const helper = await ready()
    const { regions } = await helper.ask('region/list', {})
    const { id: region = '', base = 0 } = regions[0] ?? {}
    const part = { region, offset: 8 * mebibyte, size: 4 * mebibyte }
    const pattern = { kind: 'random' as const, seed: 4 }
    expect(await helper.ask('pattern/fill', { ...part, pattern })).toMatchObject({ pages: 1024, skipped: 0 })
    await spoil(base + part.offset + 5 * pageBytes, (bytes) => bytes.fill(0), pageBytes)
    expect(await helper.ask('pattern/check', { ...part, pattern })).toMatchObject({
      intact: false,
      changed: 1,
      runs: [{ page: 2048 + 5, pages: 1, address: base + part.offset + 5 * pageBytes, kind: 'zeroed' }],
      diagnoses: [{ kind: 'zeroed', pages: 1 }]
    })
    const { confirm } = await helper.ask('region/recognise', part)
    const refused = await helper.refusal('memory/test', part)
    expect(refused.code).toBe(errorCodes['region-occupied'])
    expect(ErrorData.strict().parse(refused.data).confirm).toBe(confirm)
    const tested = await helper.ask('memory/test', { ...part, tests: ['random'], overwrite: confirm ?? '' })
    expect(tested).toMatchObject({ pool: null, poolName: region, pages: 1024, skipped: 0, passed: true })
    expect((await helper.ask('memory/results', {})).results).toStrictEqual([tested])
    expect((await helper.ask('region/recognise', part)).kind).toBe('blank')
  })

  it('is not taken for one when a pool stands there', async () => {
    const helper = await ready()
    const { uuid: pool, region } = await makePool(helper)
    const words = [undefined, 'data-0000', '']
    for (const method of ['pattern/fill', 'memory/test'] as const)
      for (const overwrite of words) {
        const pattern = method === 'pattern/fill' && { pattern: { kind: 'ones' } }
        const error = await helper.refusal(method, { region, ...pattern, ...(overwrite && { overwrite }) })
        expect(error.code).toBe(errorCodes['region-occupied'])
      }
    expect((await helper.ask('pool/check', { pool })).summary.clean).toBe(true)
  })

  it.each([
    ['neither', {}],
    ['both', { pool: unknownPool, region: 'mem:0x100000000' }],
    ['pages of a pool', { region: 'mem:0x100000000', from: 1 }],
    ['a part of a pool', { pool: unknownPool, offset: 0 }],
    ['a word for a pool', { pool: unknownPool, overwrite: 'x' }],
    ['a quarantine without a pool', { region: 'mem:0x100000000', quarantine: true }]
  ])('is told apart from a pool: %s is refused', async (_, params) => {
    const helper = await ready()
    expect((await helper.refusal('memory/test', params)).code).toBe(rpcCodes.invalidParams)
  })
})

describe('errors', () => {
  it.each<[ErrorName | 'invalid', HelperMethod, (pool: string) => unknown]>([
    ['pool-not-found', 'pattern/fill', () => ({ pool: unknownPool, pattern: { kind: 'ones' } })],
    ['pool-not-found', 'memory/test', () => ({ pool: unknownPool })],
    ['pool-not-found', 'fault/inject', () => ({ pool: unknownPool, kind: 'ones' })],
    ['out-of-range', 'pattern/fill', (pool) => ({ pool, pattern: { kind: 'ones' }, from: 2 ** 40 })],
    ['out-of-range', 'pattern/check', (pool) => ({ pool, pattern: { kind: 'ones' }, to: 2 ** 40 })],
    ['out-of-range', 'memory/test', (pool) => ({ pool, from: 2 ** 40 })],
    ['invalid', 'pattern/fill', (pool) => ({ pool, pattern: { kind: 'stripes' } })],
    ['invalid', 'pattern/fill', (pool) => ({ pool, pattern: { kind: 'data' } })],
    ['invalid', 'pattern/fill', (pool) => ({ pool, pattern: { kind: 'data', data: '' } })],
    ['invalid', 'pattern/fill', (pool) => ({ pool, pattern: { kind: 'data', data: '!' } })],
    ['invalid', 'pattern/fill', (pool) => ({ pool, pattern: { kind: 'ones', data: 'AA==' } })],
    ['invalid', 'pattern/fill', (pool) => ({ pool, pattern: { kind: 'ones', colour: 1 } })],
    ['invalid', 'pattern/check', (pool) => ({ pool, pattern: { kind: 'ones' }, from: 9, to: 9 })],
    ['invalid', 'memory/test', (pool) => ({ pool, passes: 0 })],
    ['invalid', 'memory/test', (pool) => ({ pool, tests: [] })],
    ['invalid', 'memory/test', (pool) => ({ pool, tests: ['random', 'dance'] })],
    ['invalid', 'fault/inject', (pool) => ({ pool, kind: 'gremlin' })],
    ['invalid', 'expectation/create', (pool) => ({ pool, nonce: 'n', content: 'sometimes' })],
    ['invalid', 'expectation/create', (pool) => ({ pool, nonce: 'n', pattern: { kind: 'data' } })],
    ['not-allocated', 'fault/inject', (pool) => ({ pool, kind: 'zeroed', from: 3000, to: 3001 })]
  ])('%s by %s', async (name, method, params) => {
    const helper = await ready()
    const { pool } = await pool16(helper)
    const error = await helper.refusal(method, params(pool))
    expect(error.code).toBe(name === 'invalid' ? rpcCodes.invalidParams : errorCodes[name])
    if (name !== 'invalid') expect(ErrorData.strict().parse(error.data)).toMatchObject({ name })
    expect((await helper.ask('pool/check', { pool })).summary.clean).toBe(true)
  })

  it('of work that was cancelled leave no result and a whole pool', async () => {
    const helper = await ready('512M')
    const { uuid: pool } = await makePool(helper)
    for (const [method, params] of [
      ['pattern/fill', { pool, pattern: { kind: 'random' } }],
      ['memory/test', { pool, passes: 10_000 }]
    ] as const) {
      const cancel = new CancellationTokenSource()
      const asked = helper.rpc.sendRequest(method, { ...params, progressToken: 1 }, cancel.token)
      const refused = expect(asked).rejects.toMatchObject({ code: rpcCodes.cancelled })
      cancel.cancel()
      await refused
    }
    expect((await helper.ask('memory/results', {})).results).toStrictEqual([])
    expect((await helper.ask('pool/check', { pool })).summary.clean).toBe(true)
  })
})

/** Expectation, what happens before the jump, the jump, verdict. */
const judge = async (
  kept: 'always' | 'never',
  happens: (helper: Helper, pool: string) => Promise<unknown>,
  pattern?: Pattern
): Promise<{ verdict: HelperResult<'verdict/reach'>; after: Helper; pool: string }> => {
  const helper = await ready()
  const { pool } = await pool16(helper)
  const { bootId } = await helper.ask('host/info', {})
  const plan = await helper.ask('kexec/plan', { pool })
  await helper.ask('kexec/load', { plan })
  const expectation = await helper.ask('expectation/create', {
    pool,
    nonce: plan.nonce,
    content: kept,
    ...(pattern && { pattern })
  })
  expect(expectation).toMatchObject({ pages: 64, content: kept === 'always', pattern: pattern !== undefined })
  await helper.ask('kexec/jump', { pool, bootId, nonce: plan.nonce })
  await helper.exited
  const after = await ready()
  await happens(after, pool)
  return { verdict: await after.ask('verdict/reach', { expectation: expectation.id }), after, pool }
}

const inject =
  (kind: FaultKind, pages?: number) =>
  async (helper: Helper, pool: string): Promise<void> => {
    const { count, faults, seed } = await helper.ask('fault/inject', { pool, kind, ...(pages && { pages }) })
    expect(count, `seed ${seed}`).toBeGreaterThan(0)
    expect(faults.length).toBe(Math.min(count, 4096))
  }

describe('verdicts', () => {
  it.each(['always', 'never'] as const)('are intact when nothing happens (content %s)', async (kept) => {
    const { verdict, after } = await judge(kept, async () => {}, { kind: 'random', seed: 3 })
    expect(verdict).toMatchObject({ intact: true, class: 'intact', content: kept === 'always', diagnoses: [] })
    expect(verdict.freePages).toMatchObject({ changed: 0, skipped: 0 })
    expect((await after.ask('verdict/list', {})).verdicts).toStrictEqual([verdict])
    expect(files('verdicts')).toStrictEqual([`${verdict.expectation}.json`])
  })

  it.each<[FaultKind, number | undefined, DiagnosisKind]>([
    ['bit-flip', 1, 'bit-flip'],
    ['bit-flips', 2, 'bit-flips'],
    ['stuck-bit', 8, 'stuck-bit'],
    ['zeroed', 3, 'zeroed'],
    ['ones', 3, 'ones'],
    ['filled', 3, 'filled'],
    ['aliased', 4, 'aliased'],
    ['displaced', 4, 'displaced'],
    ['torn', 2, 'torn'],
    ['elf', 1, 'elf'],
    ['kernel', 1, 'kernel'],
    ['initrd', 1, 'initrd'],
    ['page-table', 2, 'page-table'],
    ['text', 1, 'text'],
    ['overwritten', 2, 'overwritten']
  ])('name %s that was injected blindly', async (kind, pages, diagnosis) => {
    const { verdict } = await judge('always', inject(kind, pages))
    expect(verdict).toMatchObject({ intact: false, class: 'content-changed' })
    expect(verdict.diagnoses.map((one) => one.kind)).toContain(diagnosis)
    expect(verdict.diagnoses.reduce((sum, one) => sum + one.pages, 0)).toBe(verdict.pages.changed)
    expect(verdict.pages.changed).toBeGreaterThan(0)
  })

  it.each<[FaultKind, VerdictClass[]]>([
    ['superblock', ['superblock-lost']],
    ['states', ['metadata-torn']],
    ['record', ['metadata-torn', 'records-changed']]
  ])('see damage of the metadata: %s', async (kind, classes) => {
    const { verdict } = await judge('never', inject(kind))
    expect(classes).toContain(verdict.class)
  })

  it('see a free page that lost its pattern, and forgive one that was allocated', async () => {
    const pattern = { kind: 'address' as const }
    const { verdict } = await judge(
      'never',
      async (helper, pool) => {
        const { page } = await helper.ask('allocation/create', { pool, pages: 5 })
        const { base, dataEnd } = await helper.ask('pool/info', { pool })
        expect(page).toBeLessThan(dataEnd - 2)
        await spoil(base + (dataEnd - 1) * pageBytes, (bytes) => bytes.fill(0), pageBytes)
      },
      pattern
    )
    expect(verdict.freePages).toMatchObject({ changed: 1, skipped: 5 })
    expect(verdict.intact).toBe(false)
  })

  it('stand for the newest look at each expectation', async () => {
    const { verdict: first, after, pool } = await judge('always', async () => {})
    await inject('zeroed', 1)(after, pool)
    const second = await after.ask('verdict/reach', { expectation: first.expectation })
    expect((await after.ask('verdict/list', {})).verdicts).toStrictEqual([second])
    expect(second.class).toBe('content-changed')
    rmSync(stateFile('verdicts', `${first.expectation}.json`))
    expect((await after.ask('verdict/list', {})).verdicts).toStrictEqual([])
  })
})

describe('faults', () => {
  it('are the same for the same seed', async () => {
    const helper = await ready()
    const { pool, page } = await pool16(helper)
    const read = (): Promise<unknown> => helper.ask('allocation/read', { pool, page, offset: 0, length: mebibyte / 4 })
    const before = await read()
    const first = await helper.ask('fault/inject', { pool, kind: 'bit-flip', seed: 11, pages: 5 })
    expect(await read()).not.toStrictEqual(before)
    const { entries } = await helper.ask('log/list', { pool, limit: 1 })
    expect(entries).toMatchObject([{ verb: 'fault', pages: 5, detail: 'bit-flip, seed 11' }])
    const second = await helper.ask('fault/inject', { pool, kind: 'bit-flip', seed: 11, pages: 5 })
    expect(second.faults.map(({ address }) => address)).toStrictEqual(first.faults.map(({ address }) => address))
    expect(await read()).toStrictEqual(before) // flipped back
  })

  it('of the metadata are met by the next act, not written over', async () => {
    const helper = await ready()
    const { pool } = await pool16(helper)
    const { region } = await helper.ask('pool/info', { pool })
    await inject('superblock')(helper, pool)
    expect((await helper.refusal('allocation/create', { pool, pages: 1 })).code).not.toBe(0)
    expect((await helper.ask('region/recognise', { region })).kind).not.toBe('pool')
  })
})

it('the answers of every method of this file were checked', () => {
  expect([...answered]).toEqual(expect.arrayContaining([...shares.memory]))
})
