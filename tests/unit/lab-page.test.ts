// SPDX-License-Identifier: GPL-2.0-or-later
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { createMessageConnection, type MessageConnection } from 'vscode-jsonrpc/node'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { chunkBytes, type PageMethod } from '../../main/api/index.ts'
import { PageConnection } from '../../main/api/client.ts'
import { messagePortPipe, PipeReader, PipeWriter } from '../../main/api/pipe.ts'
import type { Lab } from '../../main/lab/index.ts'
import { Bench, connected, refusal, work } from './lab-support.ts'

let bench: Bench
beforeEach(() => {
  bench = new Bench()
})
afterEach(() => bench.clear())

const uuid = '00000000-0000-4000-8000-000000000000'

describe('what a page sends', () => {
  it.each<[string, unknown, string]>([
    ['host/remove', {}, 'host: '],
    ['host/remove', undefined, 'the parameters: '],
    ['host/remove', [], 'the parameters: '],
    ['host/add', { transport: { kind: 'tcp', port: 1 } }, 'transport.kind: '],
    ['host/add', { transport: { kind: 'simulated', directory: 'relative' } }, 'transport: "relative"'],
    ['host/add', { transport: { kind: 'ssh', target: 'a', configFile: 'relative' } }, 'transport: "relative"'],
    ['run/start', { run: '../../etc/passwd' }, 'run: '],
    ['pool/list', {}, 'host: '],
    ['pool/info', { host: 'simulated', pool: 'x' }, 'pool: '],
    ['pool/map', { host: 'simulated', pool: uuid, first: 31 }, 'first: '],
    ['pool/map', { host: 'simulated', pool: uuid, count: 2 ** 24 + 1 }, 'count: '],
    ['pool/create', { host: 'simulated', region: 'mem:0x0', name: '' }, 'name: '],
    ['pool/create', { host: 'simulated', region: 'mem:0x0', name: 'a', size: -1 }, 'size: '],
    ['pool/create', { host: 'simulated', region: 'mem:0x0', name: 'a', size: 2 ** 53 }, 'size: '],
    ['allocation/write', { host: 'simulated', pool: uuid, page: 1, offset: 0, data: '!' }, 'data: '],
    [
      'allocation/free',
      { host: 'simulated', pool: uuid, page: 1, expect: { pages: 0, recordId: null } },
      'expect.pages: '
    ],
    ['snapshot/create', { host: 'simulated', pool: uuid, name: '../a' }, 'name: '],
    ['snapshot/create', { host: 'simulated', pool: uuid, name: '.a' }, 'name: ']
  ])('is held against the contract: %s %j', async (method, params, named) => {
    const lab = await bench.lab({ simulated: false })
    const error = await refusal(bench.page(lab).request(method as PageMethod, params as never))
    expect(error).toMatchObject({ code: -32602, name: 'invalid-params' })
    expect(error.message.startsWith(named), error.message).toBe(true)
  })

  it('carries at most a chunk of content', async () => {
    const lab = await bench.lab({ simulated: false })
    const data = Buffer.alloc(chunkBytes + 3).toString('base64')
    const params = { host: 'simulated', pool: uuid, page: 1, offset: 0, data }
    const error = await refusal(bench.page(lab).request('allocation/write', params))
    expect(error).toMatchObject({ code: -32602, message: expect.stringMatching(/^data: /) as string })
  })

  it.each(['initialize', 'pool/drop', 'constructor', '__proto__', 'toString', ''])(
    'is refused when there is no method %j for pages',
    async (method) => {
      const lab = await bench.lab({ simulated: false })
      const error = await refusal(bench.page(lab).request(method as PageMethod, { host: 'simulated' }))
      expect(error).toMatchObject({ code: -32601, name: 'method-not-found' })
    }
  )

  it('is refused for a host that does not exist', async () => {
    const lab = await bench.lab({ simulated: false })
    const error = await refusal(bench.page(lab).request('pool/list', { host: 'nowhere' }))
    expect(error).toMatchObject({ code: 1911, name: 'host-not-found', remedy: 'List the hosts.' })
  })

  it('comes back from the helper with its own error, reason and way out', async () => {
    const lab = await bench.lab()
    await connected(lab.hosts.get('simulated'))
    const error = await refusal(bench.page(lab).request('pool/info', { host: 'simulated', pool: uuid }))
    expect(error).toMatchObject({ code: 1101, name: 'pool-not-found' })
    expect(error.remedy).toContain('pmpool pool list')
  })
})

describe('several pages', () => {
  it('are told of what one of them does, and of the pool that changed', async () => {
    const lab = await bench.lab()
    const { pool } = await work(lab)
    const [one, other] = [bench.page(lab), bench.page(lab)]
    const changed = new Promise((settle) => other.on('pool/changed', settle))
    const planned = new Promise((settle) => other.on('run/changed', settle))
    await one.request('allocation/create', { host: 'simulated', pool: pool.uuid, order: 0 })
    expect(await changed).toMatchObject({ host: 'simulated', pool: pool.uuid })
    const run = await one.request('run/plan', { host: 'simulated', pool: pool.uuid })
    expect(await planned).toEqual({ run })
  })

  it('may use the same progress token: each gets its own progress', async () => {
    const lab = await bench.lab()
    const { pool } = await work(lab)
    const pages = [raw(lab), raw(lab)]
    const totals = await Promise.all(
      pages.map(async (page, n) => {
        const seen: unknown[] = []
        page.onNotification('$/progress', ({ token, value }: { token: unknown; value: { total: number } }) => {
          seen.push([token, value.total])
        })
        const name = `snapshot-${n}`
        await page.sendRequest('snapshot/create', { host: 'simulated', pool: pool.uuid, name, progressToken: 1 })
        return seen
      })
    )
    for (const seen of totals) {
      expect(seen.length).toBeGreaterThan(0)
      expect(new Set(seen.map((one) => JSON.stringify(one)))).toEqual(new Set([JSON.stringify([1, 16 * 4096])]))
    }
  })
})

describe('a long act', () => {
  const snapshots = (): string[] => {
    const folder = join(bench.simulated, 'var', 'lib', 'pmpool', 'snapshots')
    return existsSync(folder) ? readdirSync(folder) : []
  }

  // The helper is stopped meanwhile: it finds request and cancellation one after the other, however fast it is.
  it.each<[string, (page: PageConnection, abort: AbortController) => unknown]>([
    ['is cancelled by its page', (_page, abort) => abort.abort()],
    ['is cancelled when its page goes', (page) => page.dispose()]
  ])('%s, through to the helper, which leaves no file', async (_what, end) => {
    const lab = await bench.lab({ regionSize: '256M' })
    const { host, pool } = await work(lab)
    await host.request('allocation/create', { pool: pool.uuid, pages: 49_152, name: 'large' })
    const pid = host.helperPid ?? NaN
    process.kill(pid, 'SIGSTOP')
    const { port1, port2 } = new MessageChannel()
    const session = lab.serve(messagePortPipe(port2))
    const page = new PageConnection(messagePortPipe(port1))
    const abort = new AbortController()
    const params = { host: 'simulated', pool: pool.uuid, name: 'half' }
    const pending = refusal(page.request('snapshot/create', params, { signal: abort.signal }))
    await page.request('lab/info', {}) // after it, the request has been passed on
    end(page, abort)
    if (abort.signal.aborted) await page.request('lab/info', {})
    else await session.closed
    process.kill(pid, 'SIGCONT')
    expect((await pending).name).toBe(abort.signal.aborted ? 'cancelled' : 'lab-gone')
    await expect.poll(snapshots, { timeout: 30_000 }).toEqual([])
    expect(await host.request('snapshot/list', {})).toEqual({ snapshots: [] })
    page.dispose()
  })
})

/** A page without PageConnection, which never uses a token twice. */
function raw(lab: Lab): MessageConnection {
  const { port1, port2 } = new MessageChannel()
  lab.serve(messagePortPipe(port2))
  const pipe = messagePortPipe(port1)
  const connection = createMessageConnection(new PipeReader(pipe), new PipeWriter(pipe))
  connection.listen()
  return connection
}
