// SPDX-License-Identifier: GPL-2.0-or-later
/** One lab at a time leads the runs of a data directory. */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { realpathSync } from 'node:fs'
import { createServer } from 'node:net'

/**
 * Held as an abstract socket name: the kernel gives it back however this process ends. Answers the function that
 * lets go. Nobody is served on it.
 */
export async function lockDirectory(directory: string): Promise<() => Promise<void>> {
  const digest = createHash('sha256').update(realpathSync(directory)).digest('hex').slice(0, 32)
  const server = createServer((socket) => socket.destroy())
  server.listen(`\0pmpool-lab-${process.getuid?.() ?? 0}-${digest}`)
  try {
    await once(server, 'listening')
  } catch {
    throw new Error(`Another Pmpool Lab uses ${directory}: end it, or choose another directory with --data.`)
  }
  server.unref()
  return () => new Promise((closed) => server.close(() => closed()))
}
