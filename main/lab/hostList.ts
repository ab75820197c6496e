// SPDX-License-Identifier: GPL-2.0-or-later
/** The hosts of the lab, kept in hosts.json. The default simulated host is always there and not kept. */
import { isAbsolute, join } from 'node:path'
import { z } from 'zod'
import { failure, invalidParams } from '../api/failure.ts'
import { Transport } from '../api/index.ts'
import { transportTitle } from '../helper/index.ts'
import { Host, type HostOptions } from './host.ts'
import { Listeners } from './listeners.ts'
import { readStored, writeStored, type Log } from './store.ts'

const Stored = z.object({
  version: z.literal(1),
  hosts: z.array(z.object({ id: z.string().min(1), title: z.string(), transport: Transport }))
})

/** Id of the simulated host in the data directory. */
const defaultSimulated = 'simulated'

export interface HostListOptions extends HostOptions {
  readonly dataDir: string
  /** with the default simulated host */
  readonly simulated: boolean
  /** `ssh -F` for hosts that name no file of their own */
  readonly sshConfigFile?: string | undefined
  readonly log: Log
}

export class HostList {
  readonly changed = new Listeners<Host>()
  readonly removed = new Listeners<string>()
  readonly poolChanged = new Listeners<{ host: string; pool: string; sequence: number }>()
  readonly #options: HostListOptions
  readonly #file: string
  readonly #hosts = new Map<string, Host>()

  constructor(options: HostListOptions) {
    this.#options = options
    this.#file = join(options.dataDir, 'hosts.json')
    if (options.simulated) {
      const directory = join(options.dataDir, 'simulated')
      this.#enter(this.#host(defaultSimulated, { kind: 'simulated', directory }))
    }
    for (const { id, transport } of readStored(this.#file, Stored, options.log)?.hosts ?? []) {
      if (!this.#hosts.has(id)) this.#enter(this.#host(id, transport))
    }
  }

  get all(): Host[] {
    return [...this.#hosts.values()]
  }

  get(id: string): Host {
    const host = this.#hosts.get(id)
    if (!host) throw failure('host-not-found', `There is no host ${JSON.stringify(id)}.`)
    return host
  }

  /** Connects to each. */
  open(): void {
    for (const host of this.all) host.open()
  }

  /** A host that is reached this way already is answered as it is. */
  add(given: Transport): Host {
    const transport = this.#complete(given)
    const known = this.all.find((host) => samePlace(host.transport, transport))
    if (known) {
      known.transport = transport
      known.retry()
      this.#save(this.all)
      return known
    }
    const host = this.#host(this.#freeId(transport), transport)
    this.#save([...this.all, host])
    this.#enter(host)
    host.open()
    this.changed.tell(host)
    return host
  }

  async remove(id: string): Promise<void> {
    const host = this.get(id)
    this.#save(this.all.filter((other) => other !== host))
    this.#hosts.delete(id)
    this.removed.tell(id) // before it has closed: its id is free again from here on
    await host.close()
  }

  async close(): Promise<void> {
    await Promise.all(this.all.map((host) => host.close()))
  }

  #complete(transport: Transport): Transport {
    const path = pathOf(transport)
    if (path !== undefined && (!isAbsolute(path) || path.includes('\0'))) {
      throw invalidParams(`transport: ${JSON.stringify(path)} is not an absolute path.`)
    }
    const { sshConfigFile } = this.#options
    if (transport.kind !== 'ssh' || transport.configFile !== undefined || sshConfigFile === undefined) return transport
    return { ...transport, configFile: sshConfigFile }
  }

  #host(id: string, transport: Transport): Host {
    return new Host(id, transportTitle(transport), transport, this.#options)
  }

  #enter(host: Host): void {
    const { id } = host
    const isListed = (): boolean => this.#hosts.get(id) === host
    this.#hosts.set(id, host)
    host.changes.add(() => isListed() && this.changed.tell(host))
    host.poolChanges.add((change) => isListed() && this.poolChanged.tell({ host: id, ...change }))
  }

  #freeId(transport: Transport): string {
    const place = transport.kind === 'ssh' ? `-${transport.target.replaceAll(/[^A-Za-z0-9]+/g, '-')}` : ''
    const id = transport.kind + place
    if (!this.#hosts.has(id)) return id
    for (let n = 2; ; n++) if (!this.#hosts.has(`${id}-${n}`)) return `${id}-${n}`
  }

  /** Before the list changes: what cannot be kept does not happen. */
  #save(all: readonly Host[]): void {
    const hosts = all
      .filter(({ id }) => id !== defaultSimulated)
      .map(({ id, title, transport }) => ({ id, title, transport }))
    writeStored(this.#file, { version: 1, hosts })
  }
}

function pathOf(transport: Transport): string | undefined {
  switch (transport.kind) {
    case 'simulated':
      return transport.directory
    case 'socket':
      return transport.path
    case 'ssh':
      return transport.configFile
    case 'pkexec':
      return undefined
  }
}

function samePlace(a: Transport, b: Transport): boolean {
  if (a.kind === 'ssh' && b.kind === 'ssh') return a.target === b.target
  return a.kind === b.kind && pathOf(a) === pathOf(b)
}
