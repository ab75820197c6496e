// SPDX-License-Identifier: GPL-2.0-or-later
/** A snapshot from a host, part by part, into a file of the lab. */
import { open } from 'node:fs/promises'
import { cancelled, failure } from '../api/failure.ts'
import { chunkBytes, type HelperMethod, type HelperParams, type HelperResult, type Snapshot } from '../api/index.ts'
import type { Task } from './task.ts'
import { writeWhole } from './write-whole.ts'

/** Asks one host. */
export type Request = <M extends HelperMethod>(method: M, params: HelperParams<M>) => Promise<HelperResult<M>>

/** The snapshot and what it builds on, as the host has them: parents last. */
export async function chainOnHost(name: string, request: Request): Promise<Snapshot[]> {
  const { snapshots } = await request('snapshot/list', {})
  const chain: Snapshot[] = []
  let next = snapshots.find((snapshot) => snapshot.name === name)
  if (!next) throw failure('file-not-found', `The host has no snapshot ${name}.`)
  while (next && !chain.includes(next)) {
    chain.push(next)
    const parent: Snapshot['parent'] = next.parent
    if (!parent) break
    next = snapshots.find((snapshot) => snapshot.name === parent.name && snapshot.digest === parent.digest)
    if (!next) throw failure('snapshot-parent', `The host has no snapshot ${parent.name} with digest ${parent.digest}.`)
  }
  return chain
}

/** `got` hears of each part; answers the bytes of the file. */
export async function download(
  { name, bytes }: Snapshot,
  path: string,
  request: Request,
  { signal }: Task,
  got: (bytes: number) => void
): Promise<void> {
  const file = await open(path, 'wx', 0o600)
  try {
    for (let offset = 0; offset < bytes;) {
      if (signal.aborted) throw cancelled()
      const part = await request('snapshot/read', { name, offset, length: chunkBytes })
      const data = Buffer.from(part.data, 'base64')
      if (part.size !== bytes || data.length === 0 || offset + data.length > bytes) {
        throw failure('file-not-found', `${name} became another file on the host while it was copied.`)
      }
      await writeWhole(file, data, offset)
      offset += data.length
      got(data.length)
    }
    await file.sync()
  } finally {
    await file.close()
  }
}
