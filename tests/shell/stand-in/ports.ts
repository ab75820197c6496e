// SPDX-License-Identifier: GPL-2.0-or-later
// MessagePortMain: two entangled ends in this process; an end that was given to a page lives on behind a Carrier.
import { EventEmitter } from 'node:events'
import { makeWire } from './wire.ts'

const wire = makeWire()

export class MessagePortMain extends EventEmitter {
  _peer: MessagePortMain | undefined
  _away: { carrier: Carrier; id: string } | undefined
  _queue: string[] = []
  #started = false

  postMessage(message: unknown, transfer: readonly unknown[] = []): void {
    if (transfer.length > 0) throw new Error('electron stand-in: ports that go through a port are not covered')
    this._peer?._receive(wire.encode(message)) // a clone at once: later changes must not be seen
  }

  start(): void {
    this.#started = true
    this.#drain()
  }

  close(): void {
    const peer = this._peer
    this._peer = undefined
    if (!peer) return
    peer._peer = undefined
    if (peer._away) peer._away.carrier.forget(peer._away.id)
    else setImmediate(() => peer.emit('close'))
  }

  _receive(text: string): void {
    if (this._away) return this._away.carrier.forward(this._away.id, text)
    this._queue.push(text)
    if (this.#started) this.#drain()
  }

  #drain(): void {
    for (const text of this._queue.splice(0))
      setImmediate(() => this.emit('message', { data: wire.decode(text), ports: [] }))
  }
}

export class MessageChannelMain {
  readonly port1 = new MessagePortMain()
  readonly port2 = new MessagePortMain()

  constructor() {
    this.port1._peer = this.port2
    this.port2._peer = this.port1
  }
}

/** What goes between a page and here about the ports it holds. */
export type PortMessage = { t: 'port'; id: string; data: unknown } | { t: 'close'; id: string }

let next = 1

/** The ports that one page holds. */
export class Carrier {
  readonly #ports = new Map<string, MessagePortMain>()
  readonly #send: (message: PortMessage) => void

  constructor(send: (message: PortMessage) => void) {
    this.#send = send
  }

  /** Gives a port away; answers the id by which the page knows it. */
  give(port: unknown): string {
    if (!(port instanceof MessagePortMain) || port._away) throw new TypeError('Invalid value for transfer')
    const id = `port-${next++}`
    port._away = { carrier: this, id }
    this.#ports.set(id, port)
    for (const text of port._queue.splice(0)) queueMicrotask(() => this.forward(id, text))
    return id
  }

  forward(id: string, text: string): void {
    if (this.#ports.has(id)) this.#send({ t: 'port', id, data: wire.decode(text) })
  }

  forget(id: string): void {
    if (this.#ports.delete(id)) this.#send({ t: 'close', id })
  }

  /** From the page. */
  receive(message: PortMessage): void {
    const port = this.#ports.get(message.id)
    if (message.t === 'port') return port?._peer?._receive(wire.encode(message.data))
    this.#ports.delete(message.id)
    port?.close()
  }

  /** The page is gone. */
  dispose(): void {
    const ports = [...this.#ports.values()]
    this.#ports.clear()
    for (const port of ports) port.close()
  }
}
