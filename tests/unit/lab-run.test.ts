// SPDX-License-Identifier: GPL-2.0-or-later
import {
  closeSync,
  copyFileSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Run } from '../../main/api/index.ts'
import type { Lab } from '../../main/lab/index.ts'
import {
  atState,
  Bench,
  connected,
  ended,
  pageBytes,
  program,
  refusal,
  regionBase,
  stateOf,
  work
} from './lab-support.ts'

let bench: Bench
beforeEach(() => {
  bench = new Bench()
})
afterEach(() => bench.clear())

const runFile = (id: string): string => join(bench.dataDir, 'runs', `${id}.json`)
const kept = (id: string): Run => Run.parse(JSON.parse(readFileSync(runFile(id), 'utf8')))

/** As if the lab had ended at that step: only the file says so. */
function rewrite(id: string, change: Partial<Run>): void {
  writeFileSync(runFile(id), JSON.stringify({ ...kept(id), ...change }))
}

/** Behind the back of the helper: another process of the host, or a kernel that did not know better. */
function flipByte(page: number, content: Buffer): void {
  const file = openSync(join(bench.simulated, 'dev', 'mem'), 'r+')
  writeSync(file, Buffer.of((content[0] ?? 0) ^ 1), 0, 1, regionBase + page * pageBytes)
  closeSync(file)
}

async function loaded(lab: Lab): Promise<boolean> {
  return (await lab.hosts.get('simulated').request('host/info', {})).kexecLoaded
}

describe('a run', () => {
  it('goes from plan to verdict, keeps each step, and tells the page', async () => {
    const lab = await bench.lab()
    const { host, pool } = await work(lab)
    const page = bench.page(lab)
    const seen: string[] = []
    page.on('run/changed', ({ run }) => {
      if (seen.at(-1) !== run.state) seen.push(run.state)
    })
    const before = host.info?.bootId
    const { id, simulated } = await page.request('run/plan', { host: 'simulated', pool: pool.uuid })
    expect(simulated).toBe(true)
    await page.request('run/start', { run: id, acceptWarnings: true })
    const { data } = await ended(lab, id)
    expect(data.verdict).toMatchObject({
      intact: true,
      class: 'intact',
      simulated: true,
      boot: { before, nonceSeen: true }
    })
    expect(host.info?.bootId).toBe(data.verdict?.boot.after)
    expect(data.downtimeMs).toBeGreaterThan(0)
    expect(await page.request('run/list', {})).toEqual({ runs: [data] })
    expect(kept(id)).toEqual(data)
    expect(data.steps.map(({ state }) => state)).toEqual(seen)
    expect(seen).toEqual(['planned', 'expecting', 'loading', 'jumping', 'away', 'verifying', 'done'])
  })

  it('finds a byte that was changed between the two boots, and names page and record', async () => {
    const lab = await bench.lab()
    const { pool, page, content } = await work(lab)
    const { data } = await lab.runs.plan({ host: 'simulated', pool: pool.uuid })
    const away = atState(lab, data.id, ['away'], () => flipByte(page + 3, content))
    lab.runs.start(data.id, true)
    await away
    expect((await ended(lab, data.id)).data.verdict).toMatchObject({
      intact: false,
      class: 'content-changed',
      pages: { changed: 1 },
      changedRuns: [{ page: page + 3, pages: 1 }],
      records: [{ name: 'data', state: 'content-changed', changedPages: 1 }]
    })
  })

  it('finds that the next kernel took the region, which only accepted warnings allow', async () => {
    const lab = await bench.lab()
    const { pool } = await work(lab)
    const { data } = await lab.runs.plan({ host: 'simulated', pool: pool.uuid, dropReservation: true })
    expect(() => lab.runs.start(data.id, false)).toThrow('warnings that nobody accepted')
    expect(lab.runs.get(data.id).data.state).toBe('planned')
    lab.runs.start(data.id, true)
    const { verdict } = (await ended(lab, data.id)).data
    expect(verdict).toMatchObject({ intact: false, class: 'became-ram', records: [{ name: 'data' }] })
  })

  it('is refused when a check of its plan failed', async () => {
    const lab = await bench.lab()
    const { pool } = await work(lab)
    writeFileSync(join(bench.simulated, 'proc', 'sys', 'kernel', 'kexec_load_disabled'), '1\n')
    writeFileSync(join(bench.simulated, 'sys', 'kernel', 'kexec_load_disabled'), '1\n')
    const page = bench.page(lab)
    const { id } = await page.request('run/plan', { host: 'simulated', pool: pool.uuid })
    const error = await refusal(page.request('run/start', { run: id, acceptWarnings: true }))
    expect(error).toMatchObject({ name: 'preflight-failed', message: expect.stringContaining('Loading') as string })
  })

  it('is refused after another boot, or while the host is lost', async () => {
    const lab = await bench.lab()
    const { host, pool } = await work(lab)
    const [first, second] = await Promise.all([1, 2].map(() => lab.runs.plan({ host: 'simulated', pool: pool.uuid })))
    if (!first || !second) throw new TypeError('two were planned')
    process.kill(host.helperPid ?? NaN, 'SIGKILL')
    await stateOf(host, 'lost')
    expect(() => lab.runs.start(first.data.id, true)).toThrow('is not connected')
    await connected(host)
    lab.runs.start(first.data.id, true)
    expect(() => lab.runs.start(second.data.id, true)).toThrow('Another run')
    await ended(lab, first.data.id)
    expect(() => lab.runs.start(second.data.id, true)).toThrow('Plan anew')
  })

  it('holds its host, and is not forgotten before it has ended', async () => {
    const lab = await bench.lab()
    const { pool } = await work(lab)
    const page = bench.page(lab)
    const { id } = await page.request('run/plan', { host: 'simulated', pool: pool.uuid })
    expect(await refusal(page.request('run/delete', { run: id }))).toMatchObject({ name: 'run-state' })
    await page.request('run/start', { run: id, acceptWarnings: true })
    expect(await refusal(page.request('host/remove', { host: 'simulated' }))).toMatchObject({ name: 'run-state' })
    await ended(lab, id)
    await page.request('run/delete', { run: id })
    expect(await page.request('run/list', {})).toEqual({ runs: [] })
    expect(readdirSync(join(bench.dataDir, 'runs'))).toEqual([])
    expect(await refusal(page.request('run/cancel', { run: id }))).toMatchObject({ name: 'run-not-found' })
  })

  it('can stop with the kernel loaded, and go on from there with what the pool is by then', async () => {
    const lab = await bench.lab()
    const { pool } = await work(lab)
    const page = bench.page(lab)
    const { id } = await page.request('run/plan', { host: 'simulated', pool: pool.uuid })
    expect(await refusal(page.request('run/jump', { run: id }))).toMatchObject({ name: 'run-state' })
    const armed = atState(lab, id, ['armed'])
    await page.request('run/start', { run: id, acceptWarnings: true, arm: true })
    await armed
    expect(await loaded(lab)).toBe(true)
    await lab.hosts.get('simulated').request('allocation/create', { pool: pool.uuid, pages: 7, name: 'late' })
    await page.request('run/jump', { run: id })
    const { data } = await ended(lab, id)
    expect(data.verdict).toMatchObject({ intact: true })
    expect(data.verdict?.records.map(({ name }) => name)).toContain('late')
    expect(data.steps.map(({ state }) => state)).toEqual(
      ['planned', 'loading', 'armed', 'expecting', 'jumping', 'away', 'verifying', 'done'] // the expectation last
    )
  })

  it('that is armed stays so over a restart of the lab, and is unloaded by a cancel', async () => {
    const first = await bench.lab()
    const { pool } = await work(first)
    const { data } = await first.runs.plan({ host: 'simulated', pool: pool.uuid })
    const armed = atState(first, data.id, ['armed'])
    first.runs.start(data.id, true, true)
    await armed
    await first.dispose()
    const lab = await bench.lab()
    await connected(lab.hosts.get('simulated'))
    expect(lab.runs.get(data.id).data.state).toBe('armed')
    expect(await loaded(lab)).toBe(true)
    await lab.runs.get(data.id).cancel()
    expect(kept(data.id).state).toBe('cancelled')
    expect(await loaded(lab)).toBe(false)
  })

  it('asks for its verdict again when the helper is killed meanwhile', async () => {
    const lab = await bench.lab()
    const { host, pool } = await work(lab)
    const { data } = await lab.runs.plan({ host: 'simulated', pool: pool.uuid })
    const verifying = atState(lab, data.id, ['verifying'], () => process.kill(host.helperPid ?? NaN, 'SIGKILL'))
    lab.runs.start(data.id, true)
    await verifying
    expect((await ended(lab, data.id)).data).toMatchObject({ state: 'done', verdict: { intact: true } })
  })

  it('takes no verdict on another pool', async () => {
    const own = join(bench.folder, 'pmpool')
    const source = `#!${process.execPath}
      const child = require('node:child_process').spawn(${JSON.stringify(program)}, process.argv.slice(2))
      process.stdin.pipe(child.stdin)
      child.on('exit', (code) => process.exit(code ?? 1))
      child.stdout.setEncoding('latin1').on('data', (text) => {
        const lie = text.includes('"changedRuns"') ? text.replace(/"pool":"[0-9a-f]{8}/, '"pool":"00000000') : text
        process.stdout.write(lie, 'latin1')
      })`
    writeFileSync(own, source, { mode: 0o755 })
    const lab = await bench.lab({ program: own })
    const { pool } = await work(lab)
    const { data } = await lab.runs.plan({ host: 'simulated', pool: pool.uuid })
    lab.runs.start(data.id, true)
    const run = await ended(lab, data.id)
    expect(run.data).toMatchObject({ state: 'failed', failedAt: 'verifying', verdict: null })
    expect(run.data.error?.message).toContain('another pool')
  })

  it('fails when the host does not come back in time', async () => {
    const own = join(bench.folder, 'pmpool')
    copyFileSync(program, own)
    const lab = await bench.lab({ program: own, awayLimitMs: 1000 })
    const { pool } = await work(lab)
    const { data } = await lab.runs.plan({ host: 'simulated', pool: pool.uuid })
    const away = atState(lab, data.id, ['away'], () => rmSync(own))
    lab.runs.start(data.id, true)
    await away
    const run = await ended(lab, data.id)
    expect(run.data).toMatchObject({ state: 'failed', failedAt: 'away', error: { name: 'host-unreachable' } })
    expect(lab.hosts.get('simulated').state).toBe('lost')
  })
})

describe('a run that cannot be written down', () => {
  /** In the way of the new file, for root too. */
  const blocked = (id: string): string => `${runFile(id)}.partial`

  it('does not begin, and may be started once it can', async () => {
    const lab = await bench.lab()
    const { pool } = await work(lab)
    const run = await lab.runs.plan({ host: 'simulated', pool: pool.uuid })
    mkdirSync(blocked(run.data.id))
    expect(() => lab.runs.start(run.data.id, true)).toThrow('EISDIR')
    expect(run.data.state).toBe('planned')
    rmSync(blocked(run.data.id), { recursive: true })
    lab.runs.start(run.data.id, true)
    expect((await ended(lab, run.data.id)).data.state).toBe('done')
  })

  it('does not jump, and leaves nothing loaded', async () => {
    const lab = await bench.lab()
    const { pool } = await work(lab)
    const run = await lab.runs.plan({ host: 'simulated', pool: pool.uuid })
    const loading = atState(lab, run.data.id, ['loading'], () => mkdirSync(blocked(run.data.id)))
    lab.runs.start(run.data.id, true)
    await loading
    const { data } = await ended(lab, run.data.id)
    expect(data).toMatchObject({ state: 'failed', failedAt: 'loading', verdict: null })
    expect(data.error?.message).toContain('EISDIR')
    expect(await loaded(lab)).toBe(false)
  })

  it('still reaches its verdict once the host has gone', async () => {
    const lab = await bench.lab()
    const { pool } = await work(lab)
    const run = await lab.runs.plan({ host: 'simulated', pool: pool.uuid })
    const jumping = atState(lab, run.data.id, ['jumping'], () => mkdirSync(blocked(run.data.id)))
    lab.runs.start(run.data.id, true)
    await jumping
    expect((await ended(lab, run.data.id)).data).toMatchObject({ state: 'done', verdict: { intact: true } })
    expect(kept(run.data.id).state).toBe('jumping')
    expect(bench.log.join()).toContain('was not kept')
  })
})

describe('cancelling a run', () => {
  it('ends one that is only planned', async () => {
    const lab = await bench.lab()
    const { pool } = await work(lab)
    const run = await lab.runs.plan({ host: 'simulated', pool: pool.uuid })
    await run.cancel()
    expect(run.data).toMatchObject({ state: 'cancelled', error: null })
    expect(() => lab.runs.start(run.data.id, true)).toThrow('The run is cancelled')
  })

  it.each(['expecting', 'loading'] as const)('at %s leaves nothing loaded', async (state) => {
    const lab = await bench.lab()
    const { host, pool } = await work(lab)
    const before = host.info?.bootId
    const run = await lab.runs.plan({ host: 'simulated', pool: pool.uuid })
    const cancelled = new Promise<void>((settle) => {
      void atState(lab, run.data.id, [state], () => queueMicrotask(() => void run.cancel().then(settle)))
    })
    lab.runs.start(run.data.id, true)
    await cancelled
    expect(run.data).toMatchObject({ state: 'cancelled', error: null, verdict: null })
    expect(await loaded(lab)).toBe(false)
    expect(host.info?.bootId).toBe(before)
  })

  it('is refused from the jump on', async () => {
    const lab = await bench.lab()
    const { pool } = await work(lab)
    const run = await lab.runs.plan({ host: 'simulated', pool: pool.uuid })
    const jumping = atState(lab, run.data.id, ['jumping'])
    lab.runs.start(run.data.id, true)
    await jumping
    expect(await refusal(run.cancel())).toMatchObject({ name: 'run-state' })
    expect((await ended(lab, run.data.id)).data.state).toBe('done')
  })
})

describe('a lab that is started again', () => {
  it('goes on with a run whose host is away, to the verdict, without a downtime that it did not see', async () => {
    const first = await bench.lab()
    const { pool } = await work(first)
    const { data } = await first.runs.plan({ host: 'simulated', pool: pool.uuid })
    const away = atState(first, data.id, ['away'], () => void first.dispose())
    first.runs.start(data.id, true)
    await away
    await first.dispose()
    expect(kept(data.id).state).toBe('away')
    const second = await bench.lab()
    expect((await ended(second, data.id)).data).toMatchObject({
      state: 'done',
      verdict: { intact: true },
      downtimeMs: null
    })
  })

  it('takes a run before its jump as failed, and unloads what it had loaded', async () => {
    const first = await bench.lab()
    const { host, pool } = await work(first)
    const { data } = await first.runs.plan({ host: 'simulated', pool: pool.uuid })
    await host.request('kexec/load', { plan: data.plan })
    expect(await loaded(first)).toBe(true)
    await first.dispose()
    rewrite(data.id, { state: 'loading' })
    const second = await bench.lab()
    const run = second.runs.get(data.id)
    expect(run.data).toMatchObject({ state: 'failed', failedAt: 'loading', error: { name: 'run-state' } })
    await connected(second.hosts.get('simulated'))
    await expect.poll(() => loaded(second), { timeout: 30_000 }).toBe(false)
  })

  it('reaches the verdict that the boot is the wrong one when the host never left, and leaves nothing loaded', async () => {
    const first = await bench.lab()
    const { host, pool } = await work(first)
    const { data } = await first.runs.plan({ host: 'simulated', pool: pool.uuid })
    const { nonce } = data.plan
    const expectation = await host.request('expectation/create', { pool: pool.uuid, nonce })
    await host.request('kexec/load', { plan: data.plan })
    await first.dispose()
    rewrite(data.id, { state: 'jumping', expectation })
    const second = await bench.lab({ awayLimitMs: 1000 })
    const again = second.hosts.get('simulated')
    await stateOf(again, 'away')
    expect((await ended(second, data.id)).data).toMatchObject({
      state: 'done',
      verdict: { intact: false, class: 'wrong-boot' }
    })
    expect(again.state).toBe('connected')
    expect(await loaded(second)).toBe(false)
  })

  it('takes a host that it cannot judge as what its connection is', async () => {
    const first = await bench.lab()
    const { pool } = await work(first)
    const { data } = await first.runs.plan({ host: 'simulated', pool: pool.uuid })
    await first.dispose()
    rewrite(data.id, { state: 'away', expectation: null })
    const second = await bench.lab()
    await connected(second.hosts.get('simulated'))
    expect(second.runs.get(data.id).data).toMatchObject({ state: 'failed', failedAt: 'away' })
  })

  it('sets a damaged run aside and keeps the others', async () => {
    const first = await bench.lab()
    const { pool } = await work(first)
    const run = await first.runs.plan({ host: 'simulated', pool: pool.uuid })
    await first.dispose()
    const other = 'aaaaaaaa-0000-4000-8000-000000000000'
    writeFileSync(runFile(other), '{')
    const second = await bench.lab()
    expect(second.runs.all.map(({ data }) => data.id)).toEqual([run.data.id])
    expect(bench.log).toEqual([expect.stringContaining(`${other}.json is damaged`)])
    expect(readFileSync(`${runFile(other)}.damaged-1`, 'utf8')).toBe('{')
  })
})
