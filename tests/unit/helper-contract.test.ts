// SPDX-License-Identifier: GPL-2.0-or-later
// The real `pmpool serve` on a simulated host, held against main/api: every method, every error, no key too many.
import { spawn, type ChildProcess } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { createMessageConnection, StreamMessageReader, StreamMessageWriter } from 'vscode-jsonrpc/node'
import {
  chunkBytes,
  ErrorData,
  errorCodes,
  findingCodes,
  helperMethods,
  rpcCodes,
  type ErrorName,
  type HelperMethod
} from '../../main/api/index.ts'
import { inProject } from '../../scripts/lib/root.mjs'
import {
  answered,
  directory,
  files,
  makePool,
  mebibyte,
  onHosts,
  pageBytes,
  program,
  ready,
  shares,
  start,
  unknownPool
} from './helper-support.ts'

onHosts()

describe('results', () => {
  it('initialize comes first, once, and agrees on a version', async () => {
    const helper = start()
    expect((await helper.refusal('host/info', {})).code).toBe(errorCodes['not-initialized'])
    const none = await helper.refusal('initialize', { protocol: [99], client: { name: 'x', version: '0' } })
    expect(none.code).toBe(errorCodes['version-mismatch'])
    const hello = await helper.initialize()
    expect(hello).toMatchObject({ protocol: 1, helper: { pid: helper.child.pid }, host: { simulated: true } })
    expect((await helper.refusal('initialize', { protocol: [1], client: { name: 'x', version: '0' } })).code).toBe(
      rpcCodes.invalidRequest
    )
  })

  it('follow their schemas through a whole life of a pool', async () => {
    const helper = await ready()
    const { bootId } = await helper.ask('host/info', {})
    const { regions } = await helper.ask('region/list', {})
    const region = regions[0]?.id ?? ''
    expect(await helper.ask('region/recognise', { region })).toStrictEqual({ kind: 'blank', label: '', confirm: null })
    const { uuid: pool } = await makePool(helper)
    expect((await helper.ask('region/recognise', { region })).kind).toBe('pool')
    expect((await helper.ask('pool/list', {})).pools.map(({ uuid }) => uuid)).toStrictEqual([pool])

    for (const order of [0, 9, 12]) {
      const { page, pages } = await helper.ask('allocation/create', { pool, order })
      expect({ pages, remainder: page % 2 ** order }).toStrictEqual({ pages: 2 ** order, remainder: 0 })
    }
    const named = await helper.ask('allocation/create', {
      pool,
      pages: 300,
      name: 'dátabase',
      owner: 'tests',
      purpose: 'content'
    })
    const { page } = named
    const content = Buffer.alloc(chunkBytes, 'Pmpool ')
    await helper.ask('allocation/write', { pool, page, offset: 5, data: content.toString('base64') })
    const { data } = await helper.ask('allocation/read', { pool, page, offset: 5, length: chunkBytes })
    expect(Buffer.from(data, 'base64').equals(content)).toBe(true)

    const list = await helper.ask('allocation/list', { pool, limit: 2 })
    const rest = await helper.ask('allocation/list', { pool, from: list.next ?? 0 })
    expect([...list.allocations, ...rest.allocations]).toHaveLength(4)
    expect(rest.next).toBeNull()
    const info = await helper.ask('pool/info', { pool })
    expect(info.usage).toMatchObject({ allocations: 4, records: 1, pagesAllocated: 1 + 512 + 4096 + 300 })
    const map = await helper.ask('pool/map', { pool })
    expect(map.count).toBe(info.pages)
    expect(stateOf(map.states, page)).toBe(3)
    expect(stateOf(map.states, page + 299)).toBe(1)

    const snapshot = await helper.ask('snapshot/create', { pool, name: 'before' })
    expect((await helper.ask('snapshot/list', {})).snapshots).toStrictEqual([snapshot])
    expect(await helper.ask('snapshot/verify', { name: 'before' })).toStrictEqual(snapshot)
    const bytes = await helper.ask('snapshot/read', { name: 'before', offset: 0, length: chunkBytes })
    expect(bytes.size).toBe(snapshot.bytes)
    await helper.ask('snapshot/delete', { name: 'before' })
    expect(files('snapshots')).toStrictEqual([])

    const plan = await helper.ask('kexec/plan', { pool })
    await helper.ask('kexec/load', { plan })
    await helper.ask('kexec/unload', {})
    await helper.ask('kexec/load', { plan })
    const { id } = await helper.ask('expectation/create', { pool, nonce: plan.nonce })
    await helper.ask('kexec/jump', { pool, bootId, nonce: plan.nonce })
    expect(await helper.exited).toStrictEqual({ code: 0, signal: null })

    const after = await ready()
    expect(await after.ask('verdict/reach', { expectation: id })).toMatchObject({ intact: true, class: 'intact' })
    const { entries } = await after.ask('log/list', { pool })
    expect(entries.map(({ verb }) => verb).reverse()).toStrictEqual([
      'pool-create',
      ...Array<string>(4).fill('allocate'),
      'write',
      'snapshot',
      'kexec-load',
      'kexec-load',
      'expect',
      'kexec-jump',
      'verdict'
    ])
    const expected = { pages: named.pages, recordId: named.record?.id ?? null }
    expect(await after.ask('allocation/free', { pool, page, expect: expected })).toStrictEqual(named)
  })

  it('follow their schemas when labels, bad pages and the pool itself change', async () => {
    const helper = await ready()
    const { bootId } = await helper.ask('host/info', {})
    const { uuid: pool, region } = await makePool(helper, 'lab', { size: 16 * mebibyte, logSlots: 256 })
    const unnamed = await helper.ask('allocation/create', { pool, pages: 3, alignOrder: 9 })
    expect(unnamed.pfn % 512).toBe(0)
    const shown = { pages: 3, recordId: null }
    const named = await helper.ask('allocation/rename', { pool, page: unnamed.page, expect: shown, name: 'db' })
    expect(named).toMatchObject({ page: unnamed.page, pages: 3, record: { name: 'db', owner: '' } })
    const stale = { pool, page: unnamed.page, expect: shown }
    expect((await helper.refusal('allocation/relabel', { ...stale, owner: 'me' })).code).toBe(
      errorCodes['pool-changed']
    )
    const labelled = await helper.ask('allocation/relabel', {
      pool,
      page: named.page,
      expect: { pages: 3, recordId: named.record?.id ?? null },
      owner: 'me'
    })
    expect(labelled.record).toMatchObject({ name: 'db', owner: 'me', purpose: '' })

    const bad = await helper.ask('bad/add', { pool, page: 700, pages: 2, why: 'memtest' })
    expect(bad).toMatchObject({ page: 700, pages: 2, why: 'memtest', bootId })
    expect(await helper.ask('bad/list', { pool })).toStrictEqual({ bad: [bad], next: null })
    const audit = await helper.ask('pool/audit', { pool })
    expect(audit).toMatchObject({ bad: [bad], leaks: { allocations: 0, olderThanBoot: bootId } })
    expect(audit.owners).toStrictEqual([{ owner: 'me', allocations: 1, pages: 3 }])
    const quarantine = { pages: 2, recordId: bad.recordId }
    expect(await helper.ask('bad/remove', { pool, page: 700, expect: quarantine })).toStrictEqual(bad)

    const extended = await helper.ask('pool/extend', { pool, region, offset: 32 * mebibyte, size: 16 * mebibyte })
    expect(extended).toMatchObject({ size: 32 * mebibyte, degraded: false })
    expect(extended.regions.map(({ index, error }) => ({ index, error }))).toStrictEqual([
      { index: 0, error: null },
      { index: 1, error: null }
    ])
    const there = await helper.ask('allocation/create', { pool, order: 0, placement: 'region', node: 1 })
    expect(there.address).toBeGreaterThanOrEqual(extended.base + 32 * mebibyte)
    const below = { addressTo: extended.base + 16 * mebibyte, withinOrder: 9 }
    const here = await helper.ask('allocation/create', { pool, pages: 5, ...below })
    expect(here.address + 5 * pageBytes).toBeLessThanOrEqual(below.addressTo)

    expect((await helper.ask('pool/rename', { pool, name: 'bench' })).name).toBe('bench')
    const { sequence } = await helper.ask('pool/info', { pool })
    const { entries } = await helper.ask('log/list', { pool })
    expect(entries.map(({ verb }) => verb).reverse()).toStrictEqual([
      'pool-create',
      'allocate',
      'rename',
      'relabel',
      'quarantine',
      'release',
      'extend',
      'allocate',
      'allocate',
      'rename'
    ])
    for (const expected of [{ name: 'lab' }, { name: 'bench', sequence: sequence - 1 }])
      expect((await helper.refusal('pool/delete', { pool, expect: expected })).code).toBe(errorCodes['pool-changed'])
    await helper.ask('pool/delete', { pool, expect: { name: 'bench', sequence } })
    expect((await helper.ask('pool/list', {})).pools).toStrictEqual([])
  })

  it('follow their schemas when a pool is damaged, checked and repaired', async () => {
    const helper = await ready()
    const { uuid: pool, base, region } = await makePool(helper)
    const page = (await helper.ask('allocation/create', { pool, pages: 3, name: 'db' })).page
    expect((await helper.ask('pool/check', { pool })).summary).toMatchObject({ clean: true, findings: 0 })
    const memory = await open(join(directory(), 'host/dev/mem'), 'r+')
    const byte = Buffer.alloc(1)
    const flip = async (offset: number): Promise<void> => {
      await memory.read(byte, 0, 1, base + offset)
      byte[0] = (byte[0] ?? 0) ^ 0x20
      await memory.write(byte, 0, 1, base + offset)
    }
    await flip(100) // of superblock A
    const found = await helper.ask('pool/check', { region, offset: 0 })
    expect(found).toMatchObject({ pool, name: 'lab', summary: { damage: 1, repairable: 1, refused: 0 } })
    expect(found.findings).toMatchObject([{ code: 'superblock-a-damaged', offset: 0, page: null, repairable: true }])
    const shown = await helper.ask('pool/repair', { pool })
    expect(shown).toMatchObject({ patchCount: 1, applied: false, backup: null, patches: [{ region: 0, offset: 96 }] })
    const stale = { pool, apply: true, token: '0'.repeat(32) }
    expect((await helper.refusal('pool/repair', stale)).code).toBe(errorCodes['pool-changed'])
    expect((await helper.refusal('pool/repair', { pool, apply: true })).code).toBe(rpcCodes.invalidParams)
    expect((await helper.refusal('pool/check', { pool, region })).code).toBe(rpcCodes.invalidParams)
    const repaired = await helper.ask('pool/repair', { pool, apply: true, token: shown.token, backup: 'before' })
    expect(repaired).toMatchObject({ applied: true, backup: 'before', after: { clean: true } })
    expect(files('backups')).toStrictEqual(['before.pmbackup'])
    await memory.close()
    const { allocations } = await helper.ask('allocation/list', { pool })
    expect(allocations).toMatchObject([{ page, pages: 3, record: { name: 'db' } }])
    expect((await helper.ask('log/list', { pool })).entries[0]?.verb).toBe('repair')
  })

  it('were those of every method: one that nobody asked is one that nobody checked', () => {
    const elsewhere = Object.values(shares).flat()
    expect([...new Set([...answered, ...elsewhere])].sort()).toStrictEqual(Object.keys(helperMethods).sort())
  })
})

const stateOf = (states: string, page: number): number =>
  ((Buffer.from(states, 'base64')[page >> 2] ?? 0) >> ((page & 3) * 2)) & 3

it('findings have the codes of native/include/pmpool/check.h', () => {
  const header = readFileSync(inProject('native', 'include', 'pmpool', 'check.h'), 'utf8')
  expect(
    [...header.matchAll(/\bX\(\w+, "([a-z-]+)", (?:DAMAGE|LEFTOVER|HINT),/g)].map(([, code]) => code)
  ).toStrictEqual([...findingCodes])
})

describe('errors', () => {
  it('have the numbers and names of native/include/pmpool/error.h, both ways', () => {
    const header = readFileSync(inProject('native', 'include', 'pmpool', 'error.h'), 'utf8')
    const rows = [...header.matchAll(/\bX\((\d+),\s*(\w+),\s*"([^"]+)"/g)].map(([, number, id, name]) => ({
      name,
      number: Number(number),
      id
    }))
    expect(Object.fromEntries(rows.map(({ name, number }) => [name, number]))).toStrictEqual(errorCodes)
    for (const { name, id } of rows) expect(id).toBe(name?.toUpperCase().replaceAll('-', '_'))
    const rpc = Object.fromEntries(
      [...header.matchAll(/PM_E_(\w+) = (-\d+)/g)].map(([, id = '', number]) => [id.toLowerCase(), Number(number)])
    )
    expect(rpc).toStrictEqual(
      Object.fromEntries(
        Object.entries(rpcCodes).map(([name, number]) => [name.replace(/[A-Z]/g, '_$&').toLowerCase(), number])
      )
    )
  })

  it.each<[ErrorName, HelperMethod, (pool: string) => unknown]>([
    ['region-not-found', 'region/recognise', () => ({ region: 'mem:0x1' })],
    ['region-unaligned', 'region/recognise', () => ({ region: 'mem:0x100000000', offset: 1 })],
    ['region-occupied', 'pool/create', () => ({ region: 'mem:0x100000000', name: 'again' })],
    ['name-invalid', 'pool/create', () => ({ region: 'mem:0x100000000', name: 'a/b' })],
    ['pool-not-found', 'pool/info', () => ({ pool: unknownPool })],
    ['no-space', 'allocation/create', (pool) => ({ pool, pages: 16_000 })],
    ['order-too-large', 'allocation/create', (pool) => ({ pool, order: 40 })],
    ['name-taken', 'allocation/create', (pool) => ({ pool, pages: 1, name: 'taken' })],
    ['name-invalid', 'allocation/create', (pool) => ({ pool, pages: 1, name: '\u0007' })],
    ['not-allocated', 'allocation/free', (pool) => ({ pool, page: 9_000, expect: { pages: 1, recordId: null } })],
    ['out-of-range', 'allocation/write', (pool) => ({ pool, page: 512, offset: 512 * 4096, data: 'AA==' })],
    ['out-of-range', 'allocation/read', (pool) => ({ pool, page: 512, offset: 512 * 4096 - 1, length: 2 })],
    ['pool-changed', 'allocation/free', (pool) => ({ pool, page: 512, expect: { pages: 511, recordId: 1 } })],
    ['pool-changed', 'allocation/free', (pool) => ({ pool, page: 512, expect: { pages: 512, recordId: null } })],
    ['order-too-large', 'allocation/create', (pool) => ({ pool, order: 14 })],
    ['no-space', 'allocation/create', (pool) => ({ pool, order: 0, addressTo: 2 ** 32 })],
    ['no-space', 'allocation/create', (pool) => ({ pool, order: 0, placement: 'node', node: 99 })],
    [
      'pool-changed',
      'allocation/rename',
      (pool) => ({ pool, page: 512, expect: { pages: 1, recordId: 1 }, name: 'a' })
    ],
    ['not-allocated', 'bad/remove', (pool) => ({ pool, page: 512, expect: { pages: 1, recordId: 1 } })],
    ['page-in-use', 'bad/add', (pool) => ({ pool, page: 511, pages: 2, why: 'test' })],
    ['page-in-use', 'bad/add', (pool) => ({ pool, page: 0, pages: 1, why: 'test' })],
    ['pool-changed', 'pool/delete', (pool) => ({ pool, expect: { name: 'other' } })],
    ['name-invalid', 'pool/rename', (pool) => ({ pool, name: ' ' })],
    ['region-not-found', 'pool/extend', (pool) => ({ pool, region: 'mem:0x1' })],
    ['file-not-found', 'snapshot/verify', () => ({ name: 'absent' })],
    ['file-exists', 'snapshot/create', (pool) => ({ pool, name: 'there' })],
    ['file-not-found', 'snapshot/delete', () => ({ name: 'absent' })],
    ['expectation-not-found', 'verdict/reach', () => ({ expectation: 'absent' })],
    ['pool-changed', 'kexec/jump', (pool) => ({ pool, bootId: unknownPool, nonce: 'n' })]
  ])('%s by %s', async (name, method, params) => {
    const helper = await ready()
    const { uuid } = await makePool(helper)
    expect((await helper.ask('allocation/create', { pool: uuid, order: 9, name: 'taken' })).page).toBe(512)
    await helper.ask('snapshot/create', { pool: uuid, name: 'there' })
    const error = await helper.refusal(method, params(uuid))
    const data = ErrorData.strict().parse(error.data)
    expect({ code: error.code, name: data.name }).toStrictEqual({ code: errorCodes[name], name })
    expect(error.message).not.toBe('')
    expect(data.confirm !== undefined).toBe(name === 'region-occupied')
  })

  it('a pool is overwritten with the word that names it, and with no other', async () => {
    const helper = await ready()
    const first = await makePool(helper)
    const { confirm } = await helper.ask('region/recognise', { region: first.region })
    const params = { region: first.region, name: 'second' }
    expect((await helper.refusal('pool/create', { ...params, overwrite: `${confirm}x` })).code).toBe(
      errorCodes['region-occupied']
    )
    const second = await helper.ask('pool/create', { ...params, overwrite: confirm ?? '' })
    expect((await helper.refusal('pool/info', { pool: first.uuid })).code).toBe(errorCodes['pool-not-found'])
    expect((await helper.ask('pool/list', {})).pools.map(({ uuid }) => uuid)).toStrictEqual([second.uuid])
  })

  it.each<[string, string, unknown]>([
    ['a missing parameter', 'pool/info', {}],
    ['an unknown one', 'pool/info', { pool: unknownPool, colour: 'red' }],
    ['positional ones', 'pool/info', [unknownPool, 1]],
    ['a wrong type', 'pool/info', { pool: 7 }],
    ['upper case in a UUID', 'pool/info', { pool: '00000000-0000-4000-8000-00000000000A' }],
    ['a negative number', 'allocation/list', { pool: unknownPool, from: -1 }],
    ['a fraction', 'allocation/list', { pool: unknownPool, from: 1.5 }],
    ['2^53', 'allocation/list', { pool: unknownPool, from: 2 ** 53 }],
    ['a limit of 0', 'allocation/list', { pool: unknownPool, limit: 0 }],
    ['a limit too high', 'allocation/list', { pool: unknownPool, limit: 10_001 }],
    ['a first page inside a word', 'pool/map', { pool: unknownPool, first: 31 }],
    ['a nested unknown', 'allocation/free', { pool: unknownPool, page: 1, expect: { pages: 1, recordId: null, x: 1 } }],
    ['a nested missing', 'allocation/free', { pool: unknownPool, page: 1, expect: { pages: 1 } }],
    ['a node below 0', 'allocation/create', { pool: unknownPool, pages: 1, placement: 'node', node: -1 }],
    ['a log too short', 'pool/create', { region: 'mem:0x100000000', name: 'x', logSlots: 127 }],
    ['pages without a reason', 'bad/add', { pool: unknownPool, page: 1, pages: 1 }],
    ['a boot that is no UUID', 'pool/audit', { pool: unknownPool, olderThanBoot: 'yesterday' }],
    ['a path for a name', 'snapshot/create', { pool: unknownPool, name: '../../etc/passwd' }],
    ['a hidden name', 'snapshot/verify', { name: '.tmp-x' }],
    ['an empty name', 'snapshot/delete', { name: '' }],
    ['a NUL', 'snapshot/delete', { name: 'a\0b' }],
    ['a nonce that is a path', 'expectation/create', { pool: unknownPool, nonce: 'a/b' }],
    ['a plan of another shape', 'kexec/load', { plan: { pool: unknownPool } }]
  ])('%s is refused with -32602', async (_, method, params) => {
    const helper = await ready()
    const error = await helper.refusal(method, params)
    expect(error.code).toBe(rpcCodes.invalidParams)
    expect(error.message).toMatch(/parameter/)
  })

  it('an unknown method is refused with -32601', async () => {
    const helper = await ready()
    expect((await helper.refusal('pool/destroy', {})).code).toBe(rpcCodes.methodNotFound)
  })
})

describe('several helpers on one host', () => {
  it('see what each other changes', async () => {
    const [one, two] = [await ready(), await ready()]
    const { uuid: pool } = await makePool(one)
    await two.ask('pool/info', { pool })
    const changed = two.changed(pool)
    const made = await one.ask('allocation/create', { pool, pages: 7, name: 'shared' })
    expect(await changed).toBe((await one.ask('pool/info', { pool })).sequence)
    const { allocations } = await two.ask('allocation/list', { pool })
    expect(allocations).toStrictEqual([made])
    const freed = { pages: 7, recordId: made.record?.id ?? null }
    await two.ask('allocation/free', { pool, page: made.page, expect: freed })
    expect((await one.ask('allocation/list', { pool })).allocations).toStrictEqual([])
    const gone = await one.refusal('allocation/free', { pool, page: made.page, expect: freed })
    expect(gone.code).toBe(errorCodes['not-allocated'])
  })

  it('see a pool extended, renamed and deleted', async () => {
    const [one, two] = [await ready(), await ready()]
    const { uuid: pool, region } = await makePool(one, 'lab', { size: 16 * mebibyte })
    expect((await two.ask('pool/info', { pool })).regions).toHaveLength(1)
    const extended = await one.ask('pool/extend', { pool, region, offset: 16 * mebibyte, size: 16 * mebibyte })
    const there = await two.ask('allocation/create', { pool, order: 0, placement: 'region', node: 1 })
    expect((await one.ask('allocation/list', { pool })).allocations).toStrictEqual([there])
    expect((await two.ask('pool/info', { pool })).regions).toStrictEqual(extended.regions)
    await two.ask('pool/rename', { pool, name: 'bench' })
    expect((await one.ask('pool/info', { pool })).name).toBe('bench')
    await one.ask('pool/delete', { pool, expect: { name: 'bench' } })
    expect((await two.refusal('pool/info', { pool })).code).toBe(errorCodes['pool-not-found'])
    expect((await two.ask('pool/list', {})).pools).toStrictEqual([])
  })

  it('one killed in the middle leaves a pool that attaches, and temporary files that go', async () => {
    const first = await ready()
    const { uuid: pool } = await makePool(first)
    await first.ask('snapshot/create', { pool, name: 'made' })
    writeFileSync(join(directory(), 'host/var/lib/pmpool/snapshots/.tmp-left'), 'half')
    for (let i = 0; i < 50; i++)
      first.rpc.sendRequest('allocation/create', { pool, pages: 3, name: `n${i}` }).catch(() => {})
    const kept = await first.ask('allocation/create', { pool, pages: 5, name: 'kept' })
    first.child.kill('SIGKILL')
    expect(await first.exited).toStrictEqual({ code: null, signal: 'SIGKILL' })
    const second = await ready()
    const { allocations } = await second.ask('allocation/list', { pool, limit: 10_000 })
    expect(allocations).toContainEqual(kept)
    await second.ask('allocation/create', { pool, pages: 5, name: 'after' })
    await second.ask('snapshot/create', { pool, name: 'after' })
    expect(files('snapshots')).toStrictEqual(['after.pmsnap', 'made.pmsnap'])
  })
})

describe('on a socket that systemd passes', () => {
  /** As systemd does it: descriptor 3, with its count and our process id in the environment. */
  const socketActivated = (count: string): ChildProcess =>
    spawn(
      'sh',
      [
        '-c',
        'LISTEN_PID=$$ LISTEN_FDS="$1" exec "$2" serve --simulate "$3"',
        'sh',
        count,
        program,
        join(directory(), 'host')
      ],
      { stdio: ['ignore', 'pipe', 'pipe', 'pipe'] }
    )

  it('answers there, and ends with the connection', async () => {
    const child = socketActivated('1')
    const exited = new Promise((settle) => child.once('exit', (code) => settle(code)))
    const socket = child.stdio[3] as Duplex
    const rpc = createMessageConnection(new StreamMessageReader(socket), new StreamMessageWriter(socket))
    rpc.listen()
    const params = { protocol: [1], client: { name: 'contract', version: '0' } }
    expect(await rpc.sendRequest('initialize', params)).toMatchObject({ protocol: 1, host: { simulated: true } })
    expect(await rpc.sendRequest('region/list', {})).toMatchObject({ regions: [{ kind: 'simulated' }] })
    socket.end()
    expect(await exited).toBe(0)
    rpc.dispose()
  })

  it('refuses more than one', async () => {
    const child = socketActivated('2')
    let said = ''
    child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()))
    expect(await new Promise((settle) => child.once('close', (code) => settle(code)))).toBe(1)
    expect(said).toContain('Accept=yes')
  })
})

it('pages are as large here as there', async () => {
  const helper = await ready()
  const { size, pages } = await makePool(helper)
  expect(size / pages).toBe(pageBytes)
})
