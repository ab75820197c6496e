// SPDX-License-Identifier: GPL-2.0-or-later
// The headless lab as a user starts it, on a free port.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

export interface RunningLab {
  /** with the token that works once */
  readonly url: string
  stop(): Promise<void>
}

const server = join(import.meta.dirname, '../../out/main/serve.js')

export async function startLab(args: readonly string[]): Promise<RunningLab> {
  const child = spawn(process.execPath, [server, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  for await (const line of createInterface(child.stdout)) {
    const url = /http:\/\/127\.0\.0\.1:\d+\/\?token=\S+/.exec(line)?.[0]
    if (!url) continue
    child.stdout.resume()
    return {
      url,
      stop: async () => {
        child.kill('SIGTERM')
        await ended
      }
    }
  }
  throw new Error('the lab ended without printing its URL')
}
