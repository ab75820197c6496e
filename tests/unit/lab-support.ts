// SPDX-License-Identifier: GPL-2.0-or-later
/** A lab with the real helper on a simulated host, in a folder of its own. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PageConnection } from '../../main/api/client.ts'
import { PmpoolError } from '../../main/api/failure.ts'
import type { Pool, RunState } from '../../main/api/index.ts'
import { messagePortPipe } from '../../main/api/pipe.ts'
import { Lab, type LabOptions } from '../../main/lab/index.ts'
import type { Host } from '../../main/lab/host.ts'
import type { Run } from '../../main/lab/run.ts'
import { inProject } from '../../scripts/lib/root.mjs'

/** PMPOOL_HELPER names another build of it, such as the sanitized one. */
export const program = process.env['PMPOOL_HELPER'] ?? inProject('build', 'native', 'helper', 'pmpool')
/** PMPOOL_LIBRARY names another build of it. */
export const library = process.env['PMPOOL_LIBRARY'] ?? inProject('build', 'native', 'ffi', 'libpmpool.so')
export const regionBase = 2 ** 32
export const pageBytes = 4096

export class Bench {
  readonly folder = mkdtempSync(join(tmpdir(), 'pmpool-lab-'))
  readonly log: string[] = []
  readonly #ends: (() => Promise<void> | void)[] = []

  get dataDir(): string {
    return join(this.folder, 'data')
  }

  /** of the default simulated host */
  get simulated(): string {
    return join(this.dataDir, 'simulated')
  }

  async lab(options: Partial<LabOptions> = {}): Promise<Lab> {
    const lab = await Lab.open({
      mode: 'headless',
      version: '0',
      dataDir: this.dataDir,
      program,
      library,
      regionSize: '16M',
      log: (line) => this.log.push(line),
      ...options
    })
    this.#ends.push(() => lab.dispose())
    return lab
  }

  page(lab: Lab): PageConnection {
    const { port1, port2 } = new MessageChannel()
    lab.serve(messagePortPipe(port2))
    const page = new PageConnection(messagePortPipe(port1))
    this.#ends.push(() => page.dispose())
    return page
  }

  async clear(): Promise<void> {
    for (const end of this.#ends.splice(0).reverse()) await end()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** Nothing here is timed: the test's own time-out ends what never happens. */
const forEver = new AbortController().signal

export const connected = (host: Host): Promise<void> => host.until(() => host.state === 'connected', forEver)

export const stateOf = (host: Host, state: Host['state']): Promise<void> =>
  host.until(() => host.state === state, forEver)

/** Settles within the very change, before anything else goes on, by way of `act`. */
export function atState(lab: Lab, id: string, states: readonly RunState[], act?: () => void): Promise<Run> {
  return new Promise((settle) => {
    const look = (run: Run): void => {
      if (run.data.id !== id || !states.includes(run.data.state)) return
      stop()
      act?.()
      settle(run)
    }
    const stop = lab.runs.changed.add(look)
    const now = lab.runs.all.find(({ data }) => data.id === id)
    if (now) look(now)
  })
}

export const ended = (lab: Lab, id: string): Promise<Run> => atState(lab, id, ['done', 'failed', 'cancelled'])

export async function refusal(promise: Promise<unknown>): Promise<PmpoolError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason
  )
  if (!(error instanceof PmpoolError)) throw new TypeError('It was not refused with a PmpoolError.', { cause: error })
  return error
}

export interface Work {
  readonly host: Host
  readonly pool: Pool
  /** first page of the named allocation "data" */
  readonly page: number
  readonly content: Buffer
}

/** A pool with one named allocation and known bytes in it. */
export async function work(lab: Lab): Promise<Work> {
  const host = lab.hosts.get('simulated')
  await connected(host)
  const { regions } = await host.request('region/list', {})
  const pool = await host.request('pool/create', { region: regions[0]?.id ?? '', name: 'bench' })
  const { page } = await host.request('allocation/create', { pool: pool.uuid, order: 4, name: 'data', owner: 'tests' })
  const content = Buffer.alloc(16 * pageBytes, 'pmpool ')
  await host.request('allocation/write', { pool: pool.uuid, page, offset: 0, data: content.toString('base64') })
  return { host, pool, page, content }
}
