// SPDX-License-Identifier: GPL-2.0-or-later
import {
  createMessageConnection,
  ResponseError,
  type CancellationToken,
  type MessageConnection
} from 'vscode-jsonrpc/node'
import { afterEach, describe, expect, it } from 'vitest'
import { PageConnection } from '../../main/api/client.ts'
import { PmpoolError } from '../../main/api/failure.ts'
import { messagePortPipe, PipeReader, PipeWriter, webSocketPipe, type SocketLike } from '../../main/api/pipe.ts'

const ends: (() => void)[] = []
afterEach(() => {
  for (const end of ends.splice(0)) end()
})

/** A page and the other end of its channel; `serve` puts the handlers on before anything can arrive. */
function channel(serve: (far: MessageConnection) => void): { page: PageConnection; far: MessageConnection } {
  const { port1, port2 } = new MessageChannel()
  const pipe = messagePortPipe(port2)
  const far = createMessageConnection(new PipeReader(pipe), new PipeWriter(pipe))
  serve(far)
  far.listen()
  const page = new PageConnection(messagePortPipe(port1))
  ends.push(
    () => page.dispose(),
    () => far.dispose()
  )
  return { page, far }
}

const refused = async (promise: Promise<unknown>): Promise<PmpoolError> => {
  const error: unknown = await promise.then(
    () => undefined,
    (e: unknown) => e
  )
  if (!(error instanceof PmpoolError)) throw new TypeError('not refused with a PmpoolError')
  return error
}

describe('PageConnection', () => {
  it('answers a request with the result', async () => {
    const info = { version: '1', mode: 'headless', protocol: 1 }
    const { page } = channel((far) => far.onRequest('lab/info', () => info))
    expect(await page.request('lab/info', {})).toEqual(info)
  })

  it('turns an error reply into a typed error, with its data', async () => {
    const data = { name: 'region-occupied', reason: 'why', remedy: 'how', confirm: 'ext4' }
    const { page } = channel((far) =>
      far.onRequest('pool/list', () => {
        throw new ResponseError(1102, 'An ext4 file system is there.', data)
      })
    )
    const error = await refused(page.request('pool/list', { host: 'h' }))
    expect(error.toLabError()).toEqual({ code: 1102, message: 'An ext4 file system is there.', ...data })
  })

  it('names an error reply without data by its code', async () => {
    const { page } = channel(() => undefined)
    expect(await refused(page.request('host/list', {}))).toMatchObject({ code: -32601, name: 'method-not-found' })
  })

  it('gives each request its own progress token', async () => {
    const tokens: unknown[] = []
    const { page } = channel((far) =>
      far.onRequest('snapshot/verify', async (params: { progressToken: string }) => {
        tokens.push(params.progressToken)
        const value = { done: tokens.length, total: 9 }
        await far.sendNotification('$/progress', { token: params.progressToken, value })
        return null
      })
    )
    const seen: number[][] = [[], []]
    const verify = (n: number): Promise<unknown> =>
      page.request('snapshot/verify', { host: 'h', name: 'a' }, { progress: ({ done }) => seen[n]?.push(done) })
    await Promise.all([verify(0), verify(1)])
    expect(new Set(tokens).size).toBe(2)
    expect(seen).toEqual([[1], [2]])
  })

  it('cancels by an AbortSignal', async () => {
    const { page } = channel((far) =>
      far.onRequest('snapshot/verify', (_params: unknown, token: CancellationToken) => {
        return new Promise((_done, failed) => {
          token.onCancellationRequested(() => failed(new ResponseError(-32800, 'as asked')))
          abort.abort()
        })
      })
    )
    const abort = new AbortController()
    const error = await refused(page.request('snapshot/verify', { host: 'h', name: 'a' }, { signal: abort.signal }))
    expect(error).toMatchObject({ name: 'cancelled', message: 'as asked' })
  })

  it('passes notifications on until told to stop', async () => {
    const { page, far } = channel((end) => end.onRequest('lab/info', () => null))
    const removed: string[] = []
    const stop = page.on('host/removed', ({ host }) => removed.push(host))
    await far.sendNotification('host/removed', { host: 'a' })
    await page.request('lab/info', {})
    stop()
    await far.sendNotification('host/removed', { host: 'b' })
    await page.request('lab/info', {})
    expect(removed).toEqual(['a'])
  })

  it.each([
    ['the other side', (_page: PageConnection, far: MessageConnection) => far.end()],
    ['the page', (page: PageConnection) => page.dispose()]
  ])('fails what is under way, and what comes later, when %s ends the connection', async (_who, end) => {
    let began = (): void => undefined
    const under = new Promise<void>((settle) => (began = settle))
    const { page, far } = channel((other) =>
      other.onRequest('host/list', () => {
        began()
        return new Promise(() => undefined)
      })
    )
    const pending = refused(page.request('host/list', {}))
    await under
    end(page, far)
    expect(await pending).toMatchObject({ name: 'lab-gone' })
    await page.closed
    expect(await refused(page.request('host/list', {}))).toMatchObject({ name: 'lab-gone' })
  })
})

describe('webSocketPipe', () => {
  const socket = (): { socket: SocketLike; receive: (data: unknown) => void; closed: () => boolean } => {
    const target = new EventTarget()
    let closed = false
    return {
      socket: {
        send: () => undefined,
        close: () => (closed = true),
        addEventListener: (type: string, listener: (event: never) => void) =>
          target.addEventListener(type, listener as unknown as EventListener)
      },
      receive: (data) => target.dispatchEvent(new MessageEvent('message', { data })),
      closed: () => closed
    }
  }

  it.each([['{"jsonrpc":'], ['[]'], ['5'], ['null'], ['{"id":1}'], [new Uint8Array(4)]])('closes on %j', (data) => {
    const { socket: end, receive, closed } = socket()
    new PipeReader(webSocketPipe(end)).listen(() => undefined)
    expect(closed()).toBe(false)
    receive(data)
    expect(closed()).toBe(true)
  })
})
