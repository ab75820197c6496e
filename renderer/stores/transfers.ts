// SPDX-License-Identifier: GPL-2.0-or-later
/** Bulk content in chunks, with progress and cancel. */
import { cancelled } from '@api/failure.ts'
import { base64ToBytes, bytesToBase64 } from '../composables/base64.ts'
import type { Request } from './pool-reads.ts'
import type { TaskControls } from './tasks.ts'

const chunkBytes = 1 << 20 // the most that the contract lets one request carry

export interface AllocationKey {
  readonly host: string
  readonly pool: string
  readonly page: number
}

function step({ signal, progress }: TaskControls, done: number, total: number): void {
  if (signal.aborted) throw cancelled()
  progress({ done, total })
}

/** Write a file's content from the start of an allocation on. */
export async function writeFile(
  request: Request,
  of: AllocationKey,
  file: Blob,
  controls: TaskControls
): Promise<void> {
  let offset = 0
  while (offset < file.size) {
    step(controls, offset, file.size)
    const chunk = new Uint8Array(await file.slice(offset, offset + chunkBytes).arrayBuffer())
    const { written } = await request('allocation/write', { ...of, offset, data: bytesToBase64(chunk) })
    offset += written
  }
  step(controls, file.size, file.size)
}

/** The first `length` bytes of an allocation. */
export async function readAllocation(
  request: Request,
  of: AllocationKey,
  length: number,
  controls: TaskControls
): Promise<Uint8Array<ArrayBuffer>> {
  const content = new Uint8Array(length)
  let offset = 0
  while (offset < length) {
    step(controls, offset, length)
    const wanted = Math.min(chunkBytes, length - offset)
    const { data } = await request('allocation/read', { ...of, offset, length: wanted })
    const chunk = base64ToBytes(data)
    if (chunk.length === 0) throw new Error(`No bytes came back at offset ${offset}.`)
    content.set(chunk, offset)
    offset += chunk.length
  }
  step(controls, length, length)
  return content
}

/** A whole snapshot file. */
export async function readSnapshot(
  request: Request,
  of: { readonly host: string; readonly name: string },
  controls: TaskControls
): Promise<Blob> {
  const parts: Uint8Array<ArrayBuffer>[] = []
  let offset = 0
  let size = Infinity
  while (offset < size) {
    if (Number.isFinite(size)) step(controls, offset, size)
    const answer = await request('snapshot/read', { ...of, offset, length: chunkBytes })
    const part = base64ToBytes(answer.data)
    size = answer.size
    if (part.length === 0 && offset < size) throw new Error(`The file ends at ${offset} of ${size} bytes.`)
    parts.push(part)
    offset += part.length
  }
  step(controls, size, size)
  return new Blob(parts, { type: 'application/octet-stream' })
}
