// SPDX-License-Identifier: GPL-2.0-or-later
// Starts Chromium and speaks the DevTools protocol to it, with one flattened session for each page.
import { spawn } from 'node:child_process'
import { EventEmitter } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CDPSession } from '@playwright/test'
import { chromiumLaunch } from '../../chromium.ts'

/** Commands and events of the protocol, with their types. */
export type Session = Pick<CDPSession, 'send' | 'on'>

const flags = [
  '--headless',
  ...chromiumLaunch.args,
  '--no-startup-window',
  '--remote-debugging-port=0',
  '--enable-blink-features=MessagePortCloseEvent', // Electron's pages have it
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'
]

/** Settles with the address of the browser's DevTools. */
function startChromium(): Promise<string> {
  const profile = mkdtempSync(join(tmpdir(), 'pmpool-shell-chromium-'))
  const chromium = [chromiumLaunch.executablePath, ...flags, `--user-data-dir=${profile}`]
  // ends with this process even when that is killed
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...chromium], {
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true // a process group of its own: its helpers end with it
  })
  process.once('exit', () => {
    try {
      if (child.pid) process.kill(-child.pid, 'SIGKILL')
    } catch {
      // it has ended already
    }
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
  })
  return new Promise((ready, failed) => {
    let text = ''
    child.stderr.setEncoding('utf8').on('data', (part: string) => {
      text += part
      const address = /DevTools listening on (ws:\S+)/.exec(text)?.[1]
      if (address) ready(address)
    })
    child.once('error', failed)
    child.once('exit', (code) => failed(new Error(`chromium ended with ${code}: ${text.slice(-500)}`)))
  })
}

interface Reply {
  readonly id?: number
  readonly sessionId?: string
  readonly method: string
  readonly params: unknown
  readonly result: unknown
  readonly error?: { readonly message: string }
}

export class Browser {
  readonly endpoint: string
  readonly root: Session
  readonly #socket: WebSocket
  readonly #waiting = new Map<number, { method: string; settle: (result: unknown) => void; fail: (e: Error) => void }>()
  readonly #events = new Map<string, EventEmitter>()
  #next = 1

  private constructor(endpoint: string, socket: WebSocket) {
    this.endpoint = endpoint
    this.#socket = socket
    this.root = this.#session('')
    socket.onmessage = (event: MessageEvent<string>) => this.#receive(JSON.parse(event.data) as Reply)
  }

  static async start(): Promise<Browser> {
    const endpoint = await startChromium()
    const socket = new WebSocket(endpoint)
    await new Promise((opened, failed) => {
      socket.onopen = opened
      socket.onerror = failed
    })
    return new Browser(endpoint, socket)
  }

  async attach(targetId: string): Promise<Session> {
    const { sessionId } = await this.root.send('Target.attachToTarget', { targetId, flatten: true })
    return this.#session(sessionId)
  }

  #session(id: string): Session {
    const emitter = new EventEmitter()
    this.#events.set(id, emitter)
    const send = (method: string, params: object = {}) => this.#send(method, params, id)
    return Object.assign(emitter, { send }) as unknown as Session
  }

  #send(method: string, params: object, sessionId: string): Promise<unknown> {
    const id = this.#next++
    this.#socket.send(JSON.stringify({ id, method, params, ...(sessionId ? { sessionId } : {}) }))
    return new Promise((settle, fail) => this.#waiting.set(id, { method, settle, fail }))
  }

  #receive({ id, sessionId = '', method, params, result, error }: Reply): void {
    if (id === undefined) return void this.#events.get(sessionId)?.emit(method, params)
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    if (error) waiting?.fail(new Error(`${waiting.method}: ${error.message}`))
    else waiting?.settle(result)
  }
}
