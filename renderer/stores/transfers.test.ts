// SPDX-License-Identifier: GPL-2.0-or-later
import { expect, test } from 'vitest'
import { base64ToBytes, bytesToBase64 } from '../composables/base64.ts'
import type { Request } from './pool-reads.ts'
import { readAllocation, readSnapshot, writeFile } from './transfers.ts'

const of = { host: 'local', pool: 'p', page: 7 }
const pattern = (length: number): Uint8Array<ArrayBuffer> =>
  Uint8Array.from({ length }, (_, at) => (at * 7 + (at >> 8)) & 255)
const controls = (
  abort = new AbortController()
): { signal: AbortSignal; progress: () => void; abort: AbortController } => ({
  signal: abort.signal,
  progress: () => undefined,
  abort
})

/** Bytes behind the methods that move them, as the helper answers. */
function store(bytes: Uint8Array<ArrayBuffer>): { request: Request; calls: number[] } {
  const calls: number[] = []
  const answer = (method: string, params: { offset: number; length: number; data: string }): object => {
    calls.push(params.offset)
    if (method === 'allocation/write') {
      const data = base64ToBytes(params.data)
      bytes.set(data, params.offset)
      return { written: data.length }
    }
    const data = bytesToBase64(bytes.subarray(params.offset, params.offset + params.length))
    return method === 'snapshot/read' ? { data, size: bytes.length } : { data }
  }
  return { request: ((method: string, params: never) => Promise.resolve(answer(method, params))) as Request, calls }
}

test.each([0, 1, 4096, (1 << 20) - 1, 1 << 20, (5 << 19) + 3])(
  '%d bytes come back as they were written',
  async (length) => {
    const content = pattern(length)
    const { request } = store(new Uint8Array(length))
    await writeFile(request, of, new Blob([content]), controls())
    expect(await readAllocation(request, of, length, controls())).toEqual(content)
  }
)

test('no request carries more than 1 MiB', async () => {
  const { request, calls } = store(new Uint8Array(5 << 19))
  await writeFile(request, of, new Blob([pattern(5 << 19)]), controls())
  expect(calls).toEqual([0, 1 << 20, 2 << 20])
})

test('a cancelled write stops before its next chunk', async () => {
  const { request, calls } = store(new Uint8Array(3 << 20))
  const ours = controls()
  const stopping = (async (method, params) => {
    ours.abort.abort()
    return request(method, params)
  }) as Request
  await expect(writeFile(stopping, of, new Blob([pattern(3 << 20)]), ours)).rejects.toMatchObject({ code: -32800 })
  expect(calls).toEqual([0])
})

test('a snapshot is fetched whole', async () => {
  const content = pattern((3 << 20) + 17)
  const { request } = store(content)
  const blob = await readSnapshot(request, { host: 'local', name: 's' }, controls())
  expect(new Uint8Array(await blob.arrayBuffer())).toEqual(content)
})
