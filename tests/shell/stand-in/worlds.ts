// SPDX-License-Identifier: GPL-2.0-or-later
// The two scripts that go into every document. The page's own world gets the far end of contextBridge only; the
// isolated world gets the real preload, `require('electron')` and the one binding that leads out of the page.
import type { PortMessage } from './ports.ts'
import { makeWire, type Wire } from './wire.ts'

export const isolatedWorld = 'Electron Isolated Context'

/** What goes between the isolated world and the stand-in. */
export type PageMessage = { t: 'send'; channel: string; args: unknown[]; ports?: string[] } | PortMessage

type Callable = (...args: unknown[]) => unknown
type Packed = { k: 'function'; id: number } | { k: 'object'; v: [string, Packed][] } | { k: 'value'; v: unknown }
type Note =
  | { op: 'call'; id: number; args: Packed[] }
  | { op: 'expose'; key: string; value: Packed }
  | { op: 'answer'; value?: Packed; error?: string }

/**
 * contextBridge: two worlds share the document, events on it are dispatched synchronously, and Chromium clones
 * `detail` when the other world reads it. Functions become ids, objects become frozen copies.
 */
function makeBridge(secret: string, side: 'page' | 'isolated') {
  const target = document
  const fire = target.dispatchEvent.bind(target)
  const local: Callable[] = []
  const answers: Extract<Note, { op: 'answer' }>[] = []
  const post = (note: Note): void => void fire(new CustomEvent(`${secret}:from-${side}`, { detail: note }))
  const pack = (value: unknown): Packed => {
    if (typeof value === 'function') return { k: 'function', id: local.push(value as Callable) - 1 }
    if (typeof value !== 'object' || value === null) return { k: 'value', v: value }
    return { k: 'object', v: Object.entries(value).map(([key, member]) => [key, pack(member)]) }
  }
  const unpack = (packed: Packed): unknown => {
    if (packed.k === 'value') return packed.v
    if (packed.k === 'function')
      return (...args: unknown[]) => call({ op: 'call', id: packed.id, args: args.map(pack) })
    return Object.freeze(Object.fromEntries(packed.v.map(([key, member]) => [key, unpack(member)])))
  }
  const call = (note: Note): unknown => {
    post(note)
    const got = answers.pop() // dispatch is synchronous: it is there by now
    if (!got) throw new Error('contextBridge: the other world does not answer')
    if (got.error !== undefined) throw new Error(got.error)
    return got.value && unpack(got.value)
  }
  const act = (note: Exclude<Note, { op: 'answer' }>): unknown => {
    if (note.op === 'call') return local[note.id]?.(...note.args.map(unpack))
    if (note.key in globalThis) throw new Error(`Cannot bind an API on top of an existing property: ${note.key}`)
    Object.defineProperty(globalThis, note.key, { value: unpack(note.value), enumerable: true })
    return undefined
  }
  target.addEventListener(`${secret}:from-${side === 'page' ? 'isolated' : 'page'}`, (event) => {
    event.stopImmediatePropagation()
    const note = (event as CustomEvent<Note>).detail
    if (note.op === 'answer') return void answers.push(note)
    try {
      post({ op: 'answer', value: pack(act(note)) })
    } catch (error) {
      post({ op: 'answer', error: (error as Error).message })
    }
  })
  return { expose: (key: string, api: unknown): void => void call({ op: 'expose', key, value: pack(api) }) }
}

/** The preload's surroundings: what a sandboxed preload can require, and the delivery of messages to it. */
function makeIsolated(wire: Wire, bridge: ReturnType<typeof makeBridge>, leave: (text: string) => void) {
  const listeners = new Map<string, Callable[]>()
  const ports = new Map<string, MessagePort>()
  const tell = (message: PageMessage): void => leave(wire.encode(message))
  const adopt = (id: string): MessagePort => {
    const { port1, port2 } = new MessageChannel()
    ports.set(id, port1)
    port1.onmessage = (event: MessageEvent<unknown>) => tell({ t: 'port', id, data: event.data })
    port1.addEventListener('close', () => {
      if (ports.delete(id)) tell({ t: 'close', id })
    })
    return port2
  }
  const covered = <T extends object>(name: string, object: T): T =>
    new Proxy(object, {
      get: (members, key) => {
        if (key in members || typeof key === 'symbol') return Reflect.get(members, key) as unknown
        throw new Error(`electron stand-in: ${name}.${key} is not covered`)
      }
    })
  const ipcRenderer = covered('ipcRenderer', {
    on: (channel: string, listener: Callable) => {
      listeners.set(channel, [...(listeners.get(channel) ?? []), listener])
      return ipcRenderer
    },
    send: (channel: string, ...args: unknown[]) => tell({ t: 'send', channel, args })
  })
  const electron = covered('electron', { ipcRenderer, contextBridge: { exposeInMainWorld: bridge.expose } })
  const receive = (message: PageMessage): void => {
    if (message.t === 'send') {
      const event = { sender: ipcRenderer, ports: (message.ports ?? []).map(adopt) }
      for (const listener of listeners.get(message.channel) ?? []) listener(event, ...message.args)
    } else if (message.t === 'port') ports.get(message.id)?.postMessage(message.data)
    else {
      const port = ports.get(message.id)
      ports.delete(message.id)
      port?.close()
    }
  }
  return {
    require: (name: string) => {
      if (name === 'electron' || name === 'electron/renderer') return electron
      throw new Error(`module not found: ${name}`) // as a sandboxed preload is told
    },
    deliver: (text: string): void => receive(wire.decode(text) as PageMessage)
  }
}

const source = (makes: (...args: never[]) => unknown): string => `(${String(makes)})`

/** A denied window is null to the page, as in Electron; the stand-in closes the target that Chromium opens. */
export const pageScript = (secret: string): string => `if (top === globalThis) {
  ${source(makeBridge)}(${JSON.stringify(secret)}, 'page')
  const open = globalThis.open
  globalThis.open = (url, _name, features) => (open.call(globalThis, url, '_blank', [features, 'noopener'].join()), null)
}`

export const isolatedScript = (secret: string, preload: string): string => `if (top === globalThis) { (() => {
  const leave = globalThis.standInLeave
  delete globalThis.standInLeave
  const bridge = ${source(makeBridge)}(${JSON.stringify(secret)}, 'isolated')
  const world = ${source(makeIsolated)}(${source(makeWire)}(), bridge, leave)
  globalThis.standInDeliver = world.deliver
  const process = Object.freeze({ platform: ${JSON.stringify(process.platform)}, sandboxed: true, contextIsolated: true })
  try { (function (require, process, module, exports) {${preload}
  })(world.require, process, { exports: {} }, {}) }
  catch (error) { console.error('Unable to load preload script: ' + (error && error.stack || error)) }
})() }
//# sourceURL=electron-preload.js`
