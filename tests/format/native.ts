// SPDX-License-Identifier: GPL-2.0-or-later
/** The native reader, as the program shows it: pools on a simulated host in a folder of its own. */
import { spawnSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readFileSync, readSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { inProject } from '../../scripts/lib/root.mjs'

/** PMPOOL_HELPER names another build of it, such as the sanitized one. */
const program = process.env['PMPOOL_HELPER'] ?? inProject('build', 'native', 'helper', 'pmpool')
const failure = z.object({ error: z.object({ name: z.string() }) })

export interface Ran {
  readonly status: number | null
  /** what it printed; of a refusal, undefined */
  readonly result: unknown
  /** name of the error; undefined when there was none */
  readonly error: string | undefined
}

export class NativeHost {
  readonly folder = mkdtempSync(join(tmpdir(), 'pmpool-format-'))
  readonly base: number
  readonly bytes: number
  readonly #memory: number

  /** @param base of a region that is not the one a simulated host is made with; in bytes */
  constructor(bytes: number, base?: number) {
    const size = `${bytes / 2 ** 20}M`
    this.run(['host', 'info', '--region-size', size])
    this.bytes = bytes
    this.base = base ?? 2 ** 32
    if (base !== undefined) this.#move(size)
    this.#memory = openSync(join(this.folder, 'dev', 'mem'), 'r+')
  }

  /** Gives the range at `base` away instead of the one at 4 GiB. */
  #move(size: string): void {
    const hex = (address: number): string => address.toString(16).padStart(8, '0')
    const lines = [`00000000-0009fbff : System RAM`, `${hex(this.base)}-${hex(this.base + this.bytes - 1)} : Reserved`]
    writeFileSync(join(this.folder, 'proc', 'iomem'), `${lines.join('\n')}\n`)
    writeFileSync(join(this.folder, 'proc', 'cmdline'), `ro memmap=${size}$0x${hex(this.base)}\n`)
  }

  get regionId(): string {
    return `mem:0x${this.base.toString(16)}`
  }

  run(args: readonly string[], input = ''): Ran {
    const { status, stdout, stderr, error } = spawnSync(program, ['--simulate', this.folder, '--json', ...args], {
      input,
      encoding: 'utf8',
      timeout: 30_000 // what hangs is ended here
    })
    // a refusal may come before the input was read
    if (error && (status === null || !('code' in error) || error.code !== 'EPIPE')) throw error
    const refused = failure.safeParse(parsed(stdout)).data ?? failure.safeParse(parsed(stderr)).data
    return { status, result: status === 0 ? parsed(stdout) : undefined, error: refused?.error.name }
  }

  /** What a verb answers that must work. */
  get<T>(schema: z.ZodType<T>, args: readonly string[]): T {
    const { status, result, error } = this.run(args)
    if (status !== 0)
      throw new Error(`${args.join(' ')}: exit ${status ?? 'by a signal'}, ${error ?? 'no error named'}`)
    return schema.parse(result)
  }

  read(offset = 0, bytes = this.bytes): Uint8Array {
    const into = new Uint8Array(bytes)
    if (readSync(this.#memory, into, 0, bytes, this.base + offset) !== bytes) throw new Error('short read')
    return into
  }

  write(offset: number, bytes: Uint8Array): void {
    writeSync(this.#memory, bytes, 0, bytes.length, this.base + offset)
  }

  bootId(): string {
    return readFileSync(join(this.folder, 'proc', 'sys', 'kernel', 'random', 'boot_id'), 'utf8').trim()
  }

  end(): void {
    closeSync(this.#memory)
    rmSync(this.folder, { recursive: true, force: true })
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
