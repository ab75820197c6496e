// SPDX-License-Identifier: GPL-2.0-or-later
// The real headless server over the real helper, in a directory of its own.
import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, mkdtemp, open, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inProject } from '../../../scripts/lib/root.mjs'
import { Helper } from './helper.ts'

/** PMPOOL_HELPER and PMPOOL_OUT name other builds than the usual ones. */
export const helperProgram = process.env.PMPOOL_HELPER ?? inProject('build', 'native', 'helper', 'pmpool')
const built = inProject(process.env.PMPOOL_OUT ?? 'out', 'main', 'serve.js')
const urlLine = /Pmpool Lab: (http:\S+)\n/g

/** A shell's single quotes. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

export class Lab {
  /** of this lab alone; the simulated host lives in simulated/ below it */
  readonly folder: string
  readonly #regionSize: string
  #server: ChildProcess
  #out = ''
  #err = ''

  private constructor(folder: string, regionSize: string, server: ChildProcess) {
    this.folder = folder
    this.#regionSize = regionSize
    this.#server = server
    this.#listen(server)
  }

  #listen(server: ChildProcess): void {
    server.stdout?.setEncoding('utf8').on('data', (text: string) => (this.#out += text))
    server.stderr?.setEncoding('utf8').on('data', (text: string) => (this.#err += text))
  }

  static async start(regionSize: string): Promise<Lab> {
    const folder = await mkdtemp(join(tmpdir(), 'pmpool-e2e-'))
    return new Lab(folder, regionSize, await spawnServer(folder, regionSize))
  }

  get directory(): string {
    return join(this.folder, 'data', 'simulated')
  }

  /** Everything that the server said. */
  get output(): string {
    return this.#out + this.#err
  }

  /** The newest URL with a token that nobody has used. */
  async url(): Promise<string> {
    const last = (): string | undefined => [...this.#out.matchAll(urlLine)].at(-1)?.[1]
    await this.#until(() => last() !== undefined)
    return last() ?? ''
  }

  async newUrl(): Promise<string> {
    const before = await this.url()
    this.#server.kill('SIGUSR2')
    await this.#until(() => [...this.#out.matchAll(urlLine)].at(-1)?.[1] !== before)
    return this.url()
  }

  /** A helper that is started from now on waits, so that the host stays away, until `go` is called. */
  async hold(): Promise<{ go: () => Promise<void> }> {
    const file = join(this.folder, 'hold')
    await writeFile(file, '')
    return { go: () => rm(file, { force: true }) }
  }

  /** Process id of the helper that serves the simulated host now. */
  async helperPid(): Promise<number> {
    const children = await childrenOf(this.#server.pid ?? 0)
    const [pid] = children
    if (pid === undefined) throw new Error('the server has no helper')
    return pid
  }

  /** Another process on the same host, past the lab. */
  openHelper(): Promise<Helper> {
    return Helper.open(helperProgram, this.directory)
  }

  /** Change bytes of the region behind everyone's back. */
  async damage(address: number, bytes: Uint8Array): Promise<void> {
    const memory = await open(join(this.directory, 'dev', 'mem'), 'r+')
    try {
      await memory.write(bytes, 0, bytes.length, address)
    } finally {
      await memory.close()
    }
  }

  /** The server ends and starts again: the same port, the same data, no session of before. */
  async restart(): Promise<void> {
    const { port } = new URL(await this.url())
    await this.#endServer()
    this.#out = ''
    this.#server = await spawnServer(this.folder, this.#regionSize, port)
    this.#listen(this.#server)
    await this.url()
  }

  async end(): Promise<void> {
    await this.#endServer()
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 })
  }

  async #endServer(): Promise<void> {
    if (this.#server.exitCode !== null || this.#server.signalCode !== null) return
    const ended = new Promise((settle) => this.#server.once('exit', settle))
    this.#server.kill('SIGTERM')
    await ended
  }

  async #until(reached: () => boolean): Promise<void> {
    while (!reached()) {
      if (this.#server.exitCode !== null) throw new Error(`the server ended: ${this.output}`)
      await new Promise((next) => setTimeout(next, 20))
    }
  }
}

async function spawnServer(folder: string, regionSize: string, port = '0'): Promise<ChildProcess> {
  const program = existsSync(built) ? built : inProject('main', 'serve', 'index.ts')
  const place = ['--port', port, '--data', join(folder, 'data')]
  const host = ['--region-size', regionSize, '--helper', await holdable(folder)]
  return spawn(process.execPath, [program, ...place, ...host], { stdio: ['ignore', 'pipe', 'pipe'] })
}

/** The helper behind a script that waits while a file is there. */
async function holdable(folder: string): Promise<string> {
  const script = join(folder, 'pmpool')
  const hold = quoted(join(folder, 'hold'))
  await writeFile(script, `#!/bin/sh\nwhile [ -e ${hold} ]; do sleep 0.05; done\nexec ${quoted(helperProgram)} "$@"\n`)
  await chmod(script, 0o755)
  return script
}

async function childrenOf(parent: number): Promise<number[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const parents = await Promise.all(
    ids.map(async (id) => [Number(id), await readFile(`/proc/${id}/stat`, 'utf8').catch(() => '')] as const)
  )
  // the name in parentheses may hold anything; the parent's id is the second field after it
  return parents.filter(([, stat]) => Number(stat.split(') ').at(-1)?.split(' ')[1]) === parent).map(([id]) => id)
}
