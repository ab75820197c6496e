// SPDX-License-Identifier: GPL-2.0-or-later
/**
 * vscode-jsonrpc over anything that carries whole messages: a DOM MessagePort, Electron's MessagePortMain, a
 * browser's WebSocket, a `ws` socket. The importer loads `vscode-jsonrpc/node` or `vscode-jsonrpc/browser` first:
 * that installs what the library needs of its platform.
 */
import { AbstractMessageReader, AbstractMessageWriter } from 'vscode-jsonrpc'
import type { DataCallback, Disposable, Message } from 'vscode-jsonrpc'

export interface Pipe {
  send(message: Message): void
  /** Called once; messages that came before are delivered then or not at all. */
  onMessage(receive: (message: unknown) => void): void
  onClose(closed: () => void): void
  close(): void
}

export const isMessage = (value: unknown): value is Message =>
  typeof value === 'object' && value !== null && (value as { jsonrpc?: unknown }).jsonrpc === '2.0'

/** Closes the pipe on the first thing that is no JSON-RPC message: whoever sends that speaks something else. */
export class PipeReader extends AbstractMessageReader {
  readonly #pipe: Pipe

  constructor(pipe: Pipe) {
    super()
    this.#pipe = pipe
    pipe.onClose(() => this.fireClose())
  }

  listen(deliver: DataCallback): Disposable {
    this.#pipe.onMessage((message) => {
      try {
        if (!isMessage(message)) throw new TypeError('not a JSON-RPC 2.0 message')
        deliver(message)
      } catch (error) {
        this.fireError(error)
        this.#pipe.close()
      }
    })
    return { dispose: () => this.#pipe.close() }
  }
}

export class PipeWriter extends AbstractMessageWriter {
  readonly #pipe: Pipe

  constructor(pipe: Pipe) {
    super()
    this.#pipe = pipe
  }

  write(message: Message): Promise<void> {
    return new Promise((done, failed) => {
      try {
        this.#pipe.send(message)
        done()
      } catch (cause) {
        const error = cause instanceof Error ? cause : new Error(String(cause))
        this.fireError(error, message, 1)
        failed(error)
      }
    })
  }

  end(): void {
    this.#pipe.close()
  }
}

/** Closing one's own end of a port or a socket fires no event there, or a late one: tell at once, and once. */
function closing(close: () => void): { closed: () => void; onClose: (told: () => void) => void; close: () => void } {
  const listeners: (() => void)[] = []
  let open = true
  const closed = (): void => {
    if (!open) return
    open = false
    for (const told of listeners.splice(0)) told()
  }
  return {
    closed,
    onClose: (told) => void listeners.push(told),
    close: () => {
      if (open) close()
      closed()
    }
  }
}

export function messagePortPipe(port: MessagePort): Pipe {
  const end = closing(() => port.close())
  port.addEventListener('close', end.closed)
  return {
    ...end,
    send: (message) => port.postMessage(message),
    onMessage: (receive) => {
      port.onmessage = (event: MessageEvent<unknown>) => receive(event.data) // assigning it starts the port
    }
  }
}

/** The part of Electron's MessagePortMain that is used here. */
export interface MainPort {
  postMessage(message: unknown): void
  on(event: 'message', receive: (event: { data: unknown }) => void): unknown
  on(event: 'close', closed: () => void): unknown
  start(): void
  close(): void
}

export function mainPortPipe(port: MainPort): Pipe {
  const end = closing(() => port.close())
  port.on('close', end.closed)
  return {
    ...end,
    send: (message) => port.postMessage(message),
    onMessage: (receive) => {
      port.on('message', (event) => receive(event.data))
      port.start()
    }
  }
}

/** What a browser's WebSocket and `ws` have in common. */
export interface SocketLike {
  send(text: string): void
  close(): void
  addEventListener(type: 'message', receive: (event: { data: unknown }) => void): void
  addEventListener(type: 'close', closed: () => void): void
}

/** An open socket; each message is one text frame. */
export function webSocketPipe(socket: SocketLike): Pipe {
  const end = closing(() => socket.close())
  socket.addEventListener('close', end.closed)
  return {
    ...end,
    send: (message) => socket.send(JSON.stringify(message)),
    onMessage: (receive) => socket.addEventListener('message', ({ data }) => receive(parsed(data)))
  }
}

/** undefined, which is no message, for binary frames and for what is not JSON. */
function parsed(data: unknown): unknown {
  try {
    return typeof data === 'string' ? (JSON.parse(data) as unknown) : undefined
  } catch {
    return undefined
  }
}
