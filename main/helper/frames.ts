// SPDX-License-Identifier: GPL-2.0-or-later
/**
 * Messages on a helper's streams, as LSP frames them: a Content-Length, an empty line, and as many bytes of JSON. A
 * message goes out in one write, and comes in within the event that completes it. The other side is not trusted: what
 * is no such frame, or longer than `longestMessage`, is an error, and nothing is read after it.
 */
import type { Readable, Writable } from 'node:stream'
import { AbstractMessageReader, AbstractMessageWriter, type DataCallback, type Disposable } from 'vscode-jsonrpc/node'
import type { Message } from 'vscode-jsonrpc/node'
import { isMessage } from '../api/pipe.ts'

/** Bytes. The longest answers, a pool/map and an allocation/list, stay below 8 MiB. */
export const longestMessage = 32 << 20
const longestHeader = 1024
const headerEnd = '\r\n\r\n'

export class FrameReader extends AbstractMessageReader {
  readonly #input: Readable
  #parts: Buffer[] = []
  #bytes = 0
  /** of a frame that has begun, as far as is known: with fewer there is nothing to look at */
  #needed = 1
  #failed = false

  constructor(input: Readable) {
    super()
    this.#input = input
  }

  listen(deliver: DataCallback): Disposable {
    const receive = (part: Buffer): void => this.#receive(part, deliver)
    this.#input.on('data', receive)
    this.#input.on('error', (error) => this.fireError(error))
    this.#input.on('close', () => this.fireClose())
    return { dispose: () => this.#input.off('data', receive) }
  }

  #receive(part: Buffer, deliver: DataCallback): void {
    if (this.#failed) return
    this.#parts.push(part)
    this.#bytes += part.length
    if (this.#bytes < this.#needed) return // joined once, when the frame is whole
    try {
      this.#deliverWhole(this.#parts.length === 1 ? part : Buffer.concat(this.#parts), deliver)
    } catch (error) {
      this.#failed = true
      this.#parts = []
      this.fireError(error)
    }
  }

  #deliverWhole(bytes: Buffer, deliver: DataCallback): void {
    let at = 0
    for (;;) {
      const length = frameLength(bytes, at)
      this.#needed = length ?? bytes.length - at + 1
      if (this.#needed > bytes.length - at) break
      const message = JSON.parse(bytes.toString('utf8', bodyOf(bytes, at), at + this.#needed)) as unknown
      if (!isMessage(message)) throw new TypeError('not a JSON-RPC 2.0 message')
      at += this.#needed
      deliver(message)
    }
    this.#parts = [bytes.subarray(at)]
    this.#bytes = bytes.length - at
  }
}

const bodyOf = (bytes: Buffer, at: number): number => bytes.indexOf(headerEnd, at, 'latin1') + headerEnd.length

/** Header and body together; undefined while the header is not whole. */
function frameLength(bytes: Buffer, at: number): number | undefined {
  const end = bytes.indexOf(headerEnd, at, 'latin1')
  if ((end === -1 ? bytes.length : end) - at > longestHeader) throw new TypeError('a header is too long')
  if (end === -1) return undefined
  const given = /^Content-Length: *(\d{1,15})$/im.exec(bytes.toString('latin1', at, end))?.[1]
  if (given === undefined) throw new TypeError('a header has no Content-Length')
  if (Number(given) > longestMessage) throw new TypeError('a message is too long')
  return end + headerEnd.length - at + Number(given)
}

export class FrameWriter extends AbstractMessageWriter {
  readonly #output: Writable

  constructor(output: Writable) {
    super()
    this.#output = output
  }

  write(message: Message): Promise<void> {
    const body = JSON.stringify(message)
    return new Promise((done, failed) => {
      this.#output.write(`Content-Length: ${Buffer.byteLength(body)}${headerEnd}${body}`, (error) => {
        if (!error) return done()
        this.fireError(error, message, 1)
        failed(error)
      })
    })
  }

  end(): void {
    this.#output.end()
  }
}
