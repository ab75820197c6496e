// SPDX-License-Identifier: GPL-2.0-or-later
/** The lab: built here in the order of its dependencies, and taken down in reverse. Knows no Electron and no HTTP. */
import { mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Pipe } from '../api/pipe.ts'
import { protocolVersions, type LabInfo } from '../api/index.ts'
import { FileLibrary } from '../files/index.ts'
import { HostList } from './hostList.ts'
import { lockDirectory } from './lock.ts'
import { PageSession } from './pageSession.ts'
import { RunList } from './runList.ts'
import type { Log } from './store.ts'

export interface LabOptions {
  /** default: defaultDataDirectory() */
  readonly dataDir?: string | undefined
  readonly mode: LabInfo['mode']
  /** of the lab, as package.json states it */
  readonly version: string
  /** the pmpool of this machine, for simulated hosts */
  readonly program: string
  /** libpmpool.so, for reports and snapshot files; without it they are refused */
  readonly library?: string | undefined
  /** default true: with a simulated host in the data directory */
  readonly simulated?: boolean | undefined
  /** of that host's region when it is made, such as "64M" */
  readonly regionSize?: string | undefined
  /** `ssh -F` for hosts that name no file of their own */
  readonly sshConfigFile?: string | undefined
  /** ssh destinations to have from the start */
  readonly sshTargets?: readonly string[] | undefined
  /** how long a host may be away after a jump; default ten minutes */
  readonly awayLimitMs?: number | undefined
  /** what a person should read; default: stderr */
  readonly log?: Log | undefined
}

const defaultAwayLimitMs = 10 * 60_000

export function defaultDataDirectory(env: NodeJS.ProcessEnv = process.env): string {
  const given = env['XDG_STATE_HOME']
  const state = given?.startsWith('/') ? given : join(homedir(), '.local', 'state')
  return join(state, 'pmpool-lab')
}

export class Lab {
  readonly info: LabInfo
  readonly dataDir: string
  readonly hosts: HostList
  readonly runs: RunList
  readonly files: FileLibrary
  readonly #unlock: () => Promise<void>
  readonly #sessions = new Set<PageSession>()
  #disposed: Promise<void> | undefined

  /** Rejects when another lab uses the data directory. */
  static async open(options: LabOptions): Promise<Lab> {
    const dataDir = options.dataDir ?? defaultDataDirectory()
    mkdirSync(dataDir, { recursive: true, mode: 0o700 })
    const unlock = await lockDirectory(dataDir)
    try {
      return new Lab(options, dataDir, unlock)
    } catch (error) {
      await unlock()
      throw error
    }
  }

  private constructor(options: LabOptions, dataDir: string, unlock: () => Promise<void>) {
    const log = options.log ?? ((line: string) => console.error(line))
    this.info = { version: options.version, mode: options.mode, protocol: protocolVersions[0] ?? 0 }
    this.dataDir = dataDir
    this.#unlock = unlock
    this.hosts = new HostList({
      dataDir,
      simulated: options.simulated ?? true,
      program: options.program,
      regionSize: options.regionSize,
      sshConfigFile: options.sshConfigFile,
      version: options.version,
      log
    })
    this.runs = new RunList({
      dataDir,
      hosts: this.hosts,
      awayLimitMs: options.awayLimitMs ?? defaultAwayLimitMs,
      log
    })
    this.files = new FileLibrary({
      directory: join(dataDir, 'files'),
      library: options.library,
      request: (host, ...request) => this.hosts.get(host).request(...request)
    })
    for (const target of options.sshTargets ?? []) this.hosts.add({ kind: 'ssh', target })
    this.runs.resume()
    this.hosts.open()
  }

  /** Serves one page until its pipe closes. */
  serve(pipe: Pipe): PageSession {
    const session = new PageSession(this, pipe)
    this.#sessions.add(session)
    void session.closed.then(() => this.#sessions.delete(session))
    return session
  }

  /** Within a second. May be called again. */
  dispose(): Promise<void> {
    this.#disposed ??= this.#takeDown()
    return this.#disposed
  }

  async #takeDown(): Promise<void> {
    for (const session of this.#sessions) session.dispose()
    const left = this.runs.leave()
    await this.hosts.close()
    await left
    await this.#unlock()
  }
}
