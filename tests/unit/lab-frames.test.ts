// SPDX-License-Identifier: GPL-2.0-or-later
import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { FrameReader, FrameWriter, longestMessage } from '../../main/helper/frames.ts'

const frame = (text: string): Buffer => Buffer.from(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`)
const message = (id: number, result: unknown): object => ({ jsonrpc: '2.0', id, result })
const textOf = (id: number, result: unknown): string => JSON.stringify(message(id, result))

/** What a reader makes of bytes that come in these parts. */
async function read(parts: readonly (Buffer | string)[]): Promise<{ got: unknown[]; error: string | null }> {
  const input = new PassThrough()
  const reader = new FrameReader(input)
  const got: unknown[] = []
  let error: string | null = null
  reader.onError((thrown) => (error ??= thrown.message))
  reader.listen((each) => got.push(each))
  const closed = new Promise<void>((settle) => reader.onClose(() => settle()))
  for (const part of parts) {
    input.write(part)
    await new Promise(setImmediate)
  }
  input.end()
  await closed
  return { got, error }
}

describe('reading', () => {
  const first = textOf(1, 'größer 日本 🦊')
  const bytes = Buffer.concat([frame(first), frame(textOf(2, { pages: 3 }))])
  const both = [message(1, 'größer 日本 🦊'), message(2, { pages: 3 })]

  it.each([
    ['whole', [bytes]],
    ['byte by byte', [...bytes].map((byte) => Buffer.of(byte))],
    ['cut in a header', [bytes.subarray(0, 9), bytes.subarray(9)]],
    ['cut before the body', [bytes.subarray(0, 22), bytes.subarray(22)]],
    ['cut in the second header', [bytes.subarray(0, frame(first).length + 5), bytes.subarray(frame(first).length + 5)]]
  ])('takes two messages that come %s', async (_how, parts) => {
    expect(await read(parts)).toEqual({ got: both, error: null })
  })

  it('takes a header with more lines, in any case', async () => {
    const text = textOf(1, null)
    const head = `content-type: application/json\r\nCONTENT-LENGTH:${text.length}\r\n\r\n`
    expect(await read([head + text])).toEqual({ got: [message(1, null)], error: null })
  })

  it('takes a message of many parts', async () => {
    const result = 'x'.repeat(5 << 20)
    const long = frame(textOf(1, result))
    const parts = Array.from({ length: 80 }, (_, n) => long.subarray(n << 16, (n + 1) << 16))
    expect(await read([...parts, long.subarray(80 << 16)])).toEqual({ got: [message(1, result)], error: null })
  })

  it.each([
    ['a length that is none', 'Content-Length: ten\r\n\r\n{}', 'no Content-Length'],
    ['a negative length', 'Content-Length: -1\r\n\r\n{}', 'no Content-Length'],
    ['a length in hexadecimal', 'Content-Length: 0x10\r\n\r\n{}', 'no Content-Length'],
    ['no length', 'SSH-2.0-x\r\n\r\n', 'no Content-Length'],
    ['a message that is too long', `Content-Length: ${longestMessage + 1}\r\n\r\n`, 'too long'],
    ['a length beyond all numbers', `Content-Length: ${'9'.repeat(400)}\r\n\r\n`, 'no Content-Length'],
    ['a header without end', 'x'.repeat(2000), 'header is too long'],
    ['what is not JSON', frame('{"jsonrpc"'), 'JSON'],
    ['an empty message', frame(''), 'JSON'],
    ['null', frame('null'), 'not a JSON-RPC'],
    ['a list', frame('[]'), 'not a JSON-RPC'],
    ['another version', frame('{"jsonrpc":"1.0"}'), 'not a JSON-RPC']
  ])('refuses %s, and whatever comes after it', async (_what, hostile, why) => {
    const { got, error } = await read([frame(textOf(1, 0)), hostile, frame(textOf(2, 0))])
    expect(got).toEqual([message(1, 0)])
    expect(error).toContain(why)
  })
})

describe('writing', () => {
  it('is one write that the reader understands', async () => {
    const output = new PassThrough()
    await new FrameWriter(output).write({ jsonrpc: '2.0', method: 'größer' } as never)
    output.end()
    const parts = (await output.toArray()) as Buffer[]
    expect(parts).toHaveLength(1)
    expect(await read(parts)).toEqual({ got: [{ jsonrpc: '2.0', method: 'größer' }], error: null })
  })

  it('fails where nobody reads any more', async () => {
    const output = new PassThrough()
    output.on('error', () => undefined)
    output.destroy(new Error('gone'))
    await expect(new FrameWriter(output).write({ jsonrpc: '2.0' })).rejects.toThrow()
  })
})
