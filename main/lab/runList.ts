// SPDX-License-Identifier: GPL-2.0-or-later
/** The runs of the lab, a file each in runs/. */
import { randomUUID } from 'node:crypto'
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import * as api from '../api/index.ts'
import type { HostList } from './hostList.ts'
import { Listeners } from './listeners.ts'
import { Run } from './run.ts'
import { readStored, writeStored, type Log } from './store.ts'

export interface RunListOptions {
  readonly dataDir: string
  readonly hosts: HostList
  readonly awayLimitMs: number
  readonly log: Log
}

export class RunList {
  readonly changed = new Listeners<Run>()
  readonly removed = new Listeners<string>()
  readonly #options: RunListOptions
  readonly #folder: string
  readonly #runs = new Map<string, Run>()

  constructor(options: RunListOptions) {
    this.#options = options
    this.#folder = join(options.dataDir, 'runs')
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 })
    for (const name of readdirSync(this.#folder).filter((file) => file.endsWith('.json'))) {
      const data = readStored(join(this.#folder, name), api.Run, options.log)
      if (data && `${data.id}.json` === name) this.#enter(data)
    }
  }

  /** Newest first. */
  get all(): Run[] {
    const planned = ({ data }: Run): number => data.steps[0]?.at ?? 0
    return [...this.#runs.values()].sort((a, b) => planned(b) - planned(a))
  }

  get(id: string): Run {
    const run = this.#runs.get(id)
    if (!run) throw api.failure('run-not-found', `There is no run ${id}.`)
    return run
  }

  /** Goes on with what a lab before this one left. */
  resume(): void {
    for (const run of this.all) {
      if (!run.isUnderWay) continue
      try {
        run.resume()
      } catch (error) {
        run.abandon(api.asFailure(error))
      }
    }
  }

  async plan({ host: hostId, content, pattern, ...params }: api.LabParams<'run/plan'>): Promise<Run> {
    const host = this.#options.hosts.get(hostId)
    const { name } = await host.request('pool/info', { pool: params.pool })
    const plan = await host.request('kexec/plan', params)
    const run = this.#enter({
      id: randomUUID(),
      host: hostId,
      hostTitle: host.title,
      pool: plan.pool,
      poolName: name,
      simulated: plan.simulated,
      state: 'planned',
      plan,
      content,
      pattern,
      expectation: null,
      verdict: null,
      error: null,
      failedAt: null,
      progress: null,
      steps: [{ state: 'planned', at: Date.now() }],
      downtimeMs: null
    })
    try {
      this.#keep(run)
    } catch (error) {
      this.#runs.delete(run.data.id)
      throw error
    }
    return run
  }

  /** @param arm stop before the jump, with the kernel loaded */
  start(id: string, acceptWarnings: boolean, arm = false): Run {
    const run = this.get(id)
    const other = this.underWay(run.data.host)
    if (other && other !== run) {
      throw api.failure('run-state', `Another run of ${run.data.hostTitle} is ${other.data.state}.`)
    }
    if (arm) run.arm(acceptWarnings)
    else run.start(acceptWarnings)
    return run
  }

  /** The run that has a host in its hands. */
  underWay(host: string): Run | undefined {
    return this.all.find((run) => run.data.host === host && run.isUnderWay)
  }

  delete(id: string): void {
    const run = this.get(id)
    if (!run.hasEnded)
      throw api.failure('run-state', `The run is ${run.data.state}: only one that has ended is forgotten.`)
    this.#runs.delete(id)
    rmSync(this.#file(id), { force: true })
    this.removed.tell(id)
  }

  async leave(): Promise<void> {
    await Promise.all(this.all.map((run) => run.leave()))
  }

  #enter(data: api.Run): Run {
    const run = new Run(data, {
      host: () => this.#options.hosts.get(data.host),
      moved: (moved) => this.#keep(moved),
      progressed: (moved) => this.changed.tell(moved),
      awayLimitMs: this.#options.awayLimitMs
    })
    this.#runs.set(data.id, run)
    return run
  }

  #keep(run: Run): void {
    try {
      writeStored(this.#file(run.data.id), run.data)
    } catch (error) {
      if (run.mustBeKept) throw error
      this.#options.log(`The run ${run.data.id} is ${run.data.state}, which was not kept: ${String(error)}`)
    }
    this.changed.tell(run)
  }

  #file(id: string): string {
    return join(this.#folder, `${id}.json`)
  }
}
