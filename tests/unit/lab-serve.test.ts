// SPDX-License-Identifier: GPL-2.0-or-later
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import 'vscode-jsonrpc/node'
import { WebSocket } from 'ws'
import { PageConnection } from '../../main/api/client.ts'
import { webSocketPipe } from '../../main/api/pipe.ts'
import type { Host } from '../../main/lab/host.ts'
import { Lab } from '../../main/lab/index.ts'
import { LabServer } from '../../main/serve/server.ts'
import { inProject } from '../../scripts/lib/root.mjs'

let folder: string
let lab: Lab
let server: LabServer

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pmpool-serve-'))
  const page = join(folder, 'page')
  mkdirSync(join(page, 'assets'), { recursive: true })
  writeFileSync(join(page, 'index.html'), '<!doctype html><title>page</title>')
  writeFileSync(join(page, 'assets', 'a.js'), 'export {}')
  writeFileSync(join(page, 'secret'), 'of no known type')
  writeFileSync(join(folder, 'outside.txt'), 'outside')
  mkdirSync(join(folder, 'page-beside'))
  writeFileSync(join(folder, 'page-beside', 'a.txt'), 'beside')
  lab = await Lab.open({
    mode: 'headless',
    version: '0',
    dataDir: join(folder, 'data'),
    program: '/nonexistent',
    simulated: false
  })
  server = await LabServer.listen({ lab, page, port: 0 })
})

afterAll(async () => {
  await server.close()
  await lab.dispose()
  rmSync(folder, { recursive: true, force: true })
})

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

function ask(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((settle, refuse) => {
    const sent = request({ host: '127.0.0.1', port: server.port, path, method, headers, agent: false }, (response) => {
      let body = ''
      response.setEncoding('utf8').on('data', (text: string) => (body += text))
      response.on('end', () => settle({ status: response.statusCode ?? 0, headers: response.headers, body }))
    })
    sent.on('error', refuse).end()
  })
}

const pathOf = (url: string): string => url.slice(url.indexOf('/?'))
const cookieOf = ({ headers }: Answer): string => headers['set-cookie']?.[0]?.split(';')[0] ?? ''

describe('the token', () => {
  it('becomes a session cookie that scripts and other sites do not get, and leaves the address', async () => {
    const answer = await ask(pathOf(server.newUrl()))
    expect(answer).toMatchObject({ status: 303, headers: { location: '/', 'referrer-policy': 'no-referrer' } })
    expect(answer.headers['set-cookie']?.[0]).toMatch(/; Path=\/; HttpOnly; SameSite=Strict$/)
    const page = await ask('/', { cookie: cookieOf(answer) })
    expect(page).toMatchObject({ status: 200, headers: { 'content-type': 'text/html; charset=utf-8' } })
    expect(page.body).toContain('<title>page</title>')
  })

  it('works once', async () => {
    const path = pathOf(server.newUrl())
    const first = await ask(path)
    expect(first.status).toBe(303)
    const second = await ask(path)
    expect(second).toMatchObject({ status: 403 })
    expect(second.headers['set-cookie']).toBeUndefined()
    expect(second.body).toContain('works once')
    expect(second.body).toContain('press Enter')
    expect((await ask('/', { cookie: cookieOf(first) })).status).toBe(200)
  })

  it('is not spent by a wrong one, by HEAD or by another Host', async () => {
    const path = pathOf(server.newUrl())
    expect((await ask('/?token=')).status).toBe(403)
    expect((await ask(`${path}x`)).status).toBe(403)
    expect((await ask(path, {}, 'HEAD')).status).toBe(403)
    expect((await ask(path, { host: 'lab.example' })).status).toBe(403)
    expect((await ask(path)).status).toBe(303)
  })

  it('is replaced by the next', async () => {
    const old = pathOf(server.newUrl())
    server.newUrl()
    expect((await ask(old)).status).toBe(403)
  })
})

describe('with a session', () => {
  let cookie: string
  let origin: string

  beforeEach(async () => {
    cookie = cookieOf(await ask(pathOf(server.newUrl())))
    origin = `http://127.0.0.1:${server.port}`
  })

  it.each([
    ['a file', '/assets/a.js', 200],
    ['no file', '/assets/b.js', 404],
    ['a folder', '/assets', 404],
    ['a type that the page does not have', '/secret', 404],
    ['dots', '/../outside.txt', 404],
    ['encoded dots', '/%2e%2e/outside.txt', 404],
    ['an encoded slash', '/..%2foutside.txt', 404],
    ['dots further down', '/assets/..%2f..%2foutside.txt', 404],
    ['a folder with the same beginning', '/..%2fpage-beside/a.txt', 404],
    ['a backslash', '/..%5coutside.txt', 404],
    ['a NUL', '/index.html%00.txt', 404],
    ['broken UTF-8', '/%ff.txt', 404],
    ['another authority', '//outside.example/..%2foutside.txt', 404]
  ])('answers %s as it should: %s', async (_what, path, status) => {
    const answer = await ask(path, { cookie })
    expect(answer.status).toBe(status)
    expect(answer.body).not.toBe('outside')
    expect(answer.body).not.toBe('beside')
  })

  it.each([
    ['none', {}],
    ['another', { host: 'lab.example' }],
    ['another port', { host: '127.0.0.1:1' }],
    ['a longer one', { host: '127.0.0.1.lab.example' }]
  ])('refuses a Host that is not its own: %s', async (what, headers) => {
    if (what === 'none') expect((await ask('/', { ...headers, host: '' })).status).toBe(403)
    else expect((await ask('/', { cookie, ...headers })).status).toBe(403)
  })

  it('knows itself as localhost too', async () => {
    expect((await ask('/', { cookie, host: `localhost:${server.port}` })).status).toBe(200)
  })

  it.each([
    ['no Origin', {}, 403],
    ['another Origin', { origin: 'http://lab.example' }, 403],
    ['null', { origin: 'null' }, 403],
    ['its own', { origin: '' }, 405]
  ])('refuses a POST with %s', async (_what, headers, status) => {
    const given = status === 405 ? { origin } : headers
    expect((await ask('/', { cookie, ...given }, 'POST')).status).toBe(status)
  })

  it.each(['/', '/assets/a.js', '/nothing', '/?token=x'])('guards what %s answers', async (path) => {
    const { headers } = await ask(path, { cookie })
    const policy = new Map(
      headers['content-security-policy']
        ?.toString()
        .split('; ')
        .map((part) => part.split(/ (.*)/) as [string, string])
    )
    expect(Object.fromEntries(policy)).toMatchObject({
      'default-src': "'none'",
      'script-src': "'self'",
      'style-src': "'self'",
      'connect-src': "'self'",
      'base-uri': "'none'",
      'form-action': "'none'",
      'frame-ancestors': "'none'",
      'require-trusted-types-for': "'script'"
    })
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'referrer-policy': 'no-referrer'
    })
  })

  /** How the server takes a WebSocket: 'open', or the status that it refuses with. */
  const knock = (path: string, headers: Record<string, string>): Promise<string | number> =>
    new Promise((settle) => {
      const socket = new WebSocket(`ws://127.0.0.1:${server.port}${path}`, { headers })
      socket.on('open', () => {
        socket.terminate()
        settle('open')
      })
      socket.on('unexpected-response', (_request, response) => {
        settle(response.statusCode ?? 0)
        socket.terminate()
      })
      socket.on('error', () => undefined)
    })

  it.each([
    ['its own Origin and session', '/rpc', {}, 'open'],
    ['another Origin', '/rpc', { origin: 'http://lab.example' }, 403],
    ['another port as Origin', '/rpc', { origin: 'http://127.0.0.1:1' }, 403],
    ['another Host', '/rpc', { host: 'lab.example', origin: 'http://lab.example' }, 403],
    ['no session', '/rpc', { cookie: 'a=b' }, 403],
    ['another path', '/other', {}, 403]
  ])('takes a WebSocket with %s: %s', async (_what, path, headers, outcome) => {
    expect(await knock(path, { cookie, origin, ...headers })).toBe(outcome)
  })

  it('refuses a WebSocket without an Origin', async () => {
    expect(await knock('/rpc', { cookie })).toBe(403)
  })

  const open = async (): Promise<WebSocket> => {
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}/rpc`, { headers: { cookie, origin } })
    await new Promise((settle, refuse) => socket.on('open', settle).on('error', refuse))
    return socket
  }

  it('speaks the protocol on the WebSocket', async () => {
    const page = new PageConnection(webSocketPipe(await open()))
    expect(await page.request('lab/info', {})).toEqual({ version: '0', mode: 'headless', protocol: 1 })
    page.dispose()
  })

  it.each([
    ['too large a message', Buffer.alloc(3 << 20, 0x20).toString()],
    ['what is no JSON', '{'],
    ['what is no JSON-RPC', '[]']
  ])('ends a WebSocket that sends %s, and serves the next', async (_what, text) => {
    const socket = await open()
    const closed = new Promise((settle) => socket.on('close', settle))
    socket.send(text)
    await closed
    expect(await knock('/rpc', { cookie, origin })).toBe('open')
  })

  it('lets a page go that no longer reads what it is told', async () => {
    const socket = await open()
    const page = new PageConnection(webSocketPipe(socket))
    await page.request('lab/info', {})
    socket.pause()
    const host = { data: { title: 'x'.repeat(8 << 20) } } as Host
    for (let n = 0; n < 12; n++) lab.hosts.changed.tell(host)
    socket.resume()
    await page.closed
  })
})

describe('strangers', () => {
  it('do not use up the descriptors of the lab', async () => {
    const own = await LabServer.listen({ lab, page: join(folder, 'page'), port: 0 })
    const clients = Array.from({ length: 257 }, () => connect(own.port, '127.0.0.1').on('error', () => undefined))
    await new Promise((settle) => {
      for (const client of clients) client.resume().on('close', settle)
    })
    for (const client of clients) client.destroy()
    await own.close()
  })
})

describe('closing the server', () => {
  it('does not wait for a client that was refused and stays', async () => {
    const own = await LabServer.listen({ lab, page: join(folder, 'page'), port: 0 })
    const client = connect({ port: own.port, host: '127.0.0.1', allowHalfOpen: true })
    client.on('error', () => undefined)
    client.write('GET /rpc HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n')
    await once(client.resume(), 'end')
    await own.close()
    client.destroy()
  })
})

describe('without a session', () => {
  it.each(['/', '/assets/a.js', '/nothing'])('refuses %s and says how to get one', async (path) => {
    const answer = await ask(path, { cookie: `pmpool-lab-${server.port}=guessed` })
    expect(answer.status).toBe(403)
    expect(answer.body).toContain('SIGUSR2')
  })
})

const built = inProject('out', 'renderer', 'index.html')

describe.runIf(existsSync(built))('the built page', () => {
  it('has no inline script, style or handler', () => {
    const html = readFileSync(built, 'utf8')
    expect(html).toMatch(/<script[^>]* src=/)
    expect(html).not.toMatch(/<script(?![^>]* src=)/)
    expect(html).not.toMatch(/<style|\sstyle=|\son[a-z]+=/)
  })
})
