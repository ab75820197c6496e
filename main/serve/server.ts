// SPDX-License-Identifier: GPL-2.0-or-later
/** The lab over HTTP and a WebSocket on 127.0.0.1, for one user's browser. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type WebSocket } from 'ws'
import { webSocketPipe, type Pipe } from '../api/pipe.ts'
import type { Lab } from '../lab/index.ts'
import { Access } from './access.ts'
import { pageFile } from './files.ts'
import { securityHeaders } from './headers.ts'

export interface LabServerOptions {
  readonly lab: Lab
  /** folder of the built page */
  readonly page: string
  /** 0: a free one */
  readonly port: number
}

/** The largest request is an allocation/write of chunkBytes as base64. */
const maxPayload = 2 << 20
/** Bytes that wait for a page to read them; a few of the longest answers (6 MiB) at once are less. */
const mostUnread = 64 << 20

/** Anybody on this machine can connect: not until no descriptors are left for helpers and files of runs. */
const mostConnections = 256

const usedToken = 'This address has been used, or is not right: the token in it works once.'
const noSession = 'This browser has no session with Pmpool Lab.'
const wayIn =
  'For another address, press Enter in the terminal where the lab runs, or send SIGUSR2 to it (kill -USR2 PID).'

export class LabServer {
  readonly port: number
  readonly #http: Server
  readonly #sockets = new WebSocketServer({ noServer: true, maxPayload, perMessageDeflate: false })
  readonly #options: LabServerOptions
  readonly #access: Access

  static async listen(options: LabServerOptions): Promise<LabServer> {
    const http = createServer({ requestTimeout: 30_000 })
    http.maxConnections = mostConnections
    http.listen(options.port, '127.0.0.1')
    await once(http, 'listening')
    return new LabServer(http, options)
  }

  private constructor(http: Server, options: LabServerOptions) {
    this.port = (http.address() as AddressInfo).port
    this.#http = http
    this.#options = options
    this.#access = new Access(this.port)
    http.on('request', (request, response) => {
      this.#answer(request, response).catch(() => response.destroy())
    })
    http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => this.#upgrade(request, socket, head))
  }

  /** An address with a fresh token; the one before is no longer good. */
  newUrl(): string {
    return `http://127.0.0.1:${this.port}/?token=${this.#access.newToken()}`
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets.clients) socket.terminate()
    this.#http.close()
    this.#http.closeAllConnections()
    await once(this.#http, 'close')
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { headers, method } = request
    if (!this.#access.isOwnHost(headers)) return refuse(response, 403, 'This is not the address of the lab.')
    if (method !== 'GET' && method !== 'HEAD') {
      const own = this.#access.isOwnOrigin(headers)
      return refuse(response, own ? 405 : 403, own ? 'Only GET is answered.' : 'The request comes from another site.')
    }
    const url = URL.parse(request.url ?? '', `http://${headers.host}`)
    if (!url) return refuse(response, 400, 'This is no address.')
    const token = url.searchParams.get('token')
    if (url.pathname === '/' && token !== null) return this.#enter(request, response, token)
    if (!this.#access.hasSession(headers)) return refuse(response, 403, noSession, wayIn)
    await this.#sendFile(response, url.pathname, method === 'HEAD')
  }

  #enter(request: IncomingMessage, response: ServerResponse, token: string): void {
    const cookie = request.method === 'GET' ? this.#access.spend(token) : undefined
    if (cookie === undefined) return refuse(response, 403, usedToken, wayIn)
    response.writeHead(303, { ...securityHeaders, location: '/', 'set-cookie': cookie }).end()
  }

  async #sendFile(response: ServerResponse, pathname: string, headOnly: boolean): Promise<void> {
    const file = await pageFile(this.#options.page, pathname)
    if (!file) {
      const reason = pathname === '/' ? 'The page is not built: run npm run build.' : 'There is no such file.'
      return refuse(response, 404, reason)
    }
    response.writeHead(200, { ...securityHeaders, 'content-type': file.type, 'content-length': file.body.length })
    response.end(headOnly ? undefined : file.body)
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy())
    const { headers } = request
    const allowed = request.url === '/rpc' && this.#access.isOwnOrigin(headers) && this.#access.hasSession(headers)
    if (!allowed) {
      // the server no longer counts this socket as its own: nobody else would take it from a client that stays
      socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n', () => socket.destroy())
      return
    }
    this.#sockets.handleUpgrade(request, socket, head, (page) => {
      page.on('error', () => page.terminate()) // a frame that breaks the rules, or is too large
      this.#options.lab.serve(bounded(page))
    })
  }
}

/** A page that has stopped reading (frozen, asleep) is let go, before what it is told fills the memory. */
function bounded(page: WebSocket): Pipe {
  const pipe = webSocketPipe(page)
  return {
    ...pipe,
    send: (message) => {
      if (page.bufferedAmount > mostUnread) page.terminate()
      else pipe.send(message)
    }
  }
}

/** A plain page that says why, and what to do. */
function refuse(response: ServerResponse, status: number, reason: string, remedy = ''): void {
  const again = status === 403 && remedy ? '<p><a href="/">Go on with the session of this browser</a></p>' : ''
  const body = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Pmpool Lab</title>
<h1>Pmpool Lab</h1>
<p>${reason}</p>
<p>${remedy}</p>
${again}
</html>
`
  const headers = { ...securityHeaders, 'content-type': 'text/html; charset=utf-8' }
  response.writeHead(status, headers).end(response.req.method === 'HEAD' ? undefined : body)
}
