// SPDX-License-Identifier: GPL-2.0-or-later
/** The native reader, as the program shows it: pools on a simulated host in a folder of its own. */
import { spawnSync } from 'node:child_process'
import {
  closeSync,
  fstatSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeFileSync,
  writeSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { inProject } from '../../scripts/lib/root.mjs'
import type { Image } from './reader.ts'

/** PMPOOL_HELPER names another build of it, such as the sanitized one. */
const program = process.env['PMPOOL_HELPER'] ?? inProject('build', 'native', 'helper', 'pmpool')
const failure = z.object({ error: z.object({ name: z.string() }) })

const response = z.object({ id: z.number(), result: z.unknown().optional(), error: z.unknown().optional() })

export interface Ran {
  readonly status: number | null
  /** what it printed; of a refusal, undefined */
  readonly result: unknown
  /** name of the error; undefined when there was none */
  readonly error: string | undefined
}

/** A range that the host's kernel leaves alone; in bytes. */
export interface Place {
  readonly base: number
  readonly bytes: number
}

export const defaultBase = 2 ** 32
const hex = (address: number): string => address.toString(16).padStart(8, '0')
const idOf = ({ base }: Place): string => `mem:0x${base.toString(16)}`

export class NativeHost {
  readonly folder = mkdtempSync(join(tmpdir(), 'pmpool-format-'))
  /** the first one is what the others speak of */
  readonly places: readonly Place[]
  readonly #memory: number

  constructor(...places: readonly Place[]) {
    this.run(['host', 'info', '--region-size', `${(places[0]?.bytes ?? 0) / 2 ** 20}M`])
    this.places = places
    this.#memory = openSync(join(this.folder, 'dev', 'mem'), 'r+')
    if (places.length > 1 || this.base !== defaultBase) this.#giveAway()
  }

  /** These ranges instead of the one that a simulated host is made with. */
  #giveAway(): void {
    const ranges = this.places.map((place) => `${hex(place.base)}-${hex(place.base + place.bytes - 1)} : Reserved`)
    const words = this.places.map(({ base, bytes }) => `memmap=${bytes / 2 ** 10}K$0x${hex(base)}`)
    writeFileSync(join(this.folder, 'proc', 'iomem'), ['00000000-0009fbff : System RAM', ...ranges, ''].join('\n'))
    writeFileSync(join(this.folder, 'proc', 'cmdline'), `ro ${words.join(' ')}\n`)
    const end = Math.max(...this.places.map(({ base, bytes }) => base + bytes))
    if (fstatSync(this.#memory).size < end) ftruncateSync(this.#memory, end)
  }

  get base(): number {
    return this.places[0]?.base ?? 0
  }

  get bytes(): number {
    return this.places[0]?.bytes ?? 0
  }

  /** By its place in the list. */
  regionId(nth = 0): string {
    const place = this.places[nth]
    if (!place) throw new RangeError(`no region ${nth}`)
    return idOf(place)
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

  /** Answers of a helper that is started for these calls alone; each must work. */
  ask(calls: readonly (readonly [method: string, params: object])[]): unknown[] {
    const hello = ['initialize', { protocol: [1], client: { name: 'tests', version: '0' } }] as const
    const frames = [hello, ...calls].map(([method, params], id) => {
      const body = JSON.stringify({ jsonrpc: '2.0', id, method, params })
      return `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
    })
    const args = ['--simulate', this.folder, 'serve']
    const { stdout, error } = spawnSync(program, args, { input: frames.join(''), timeout: 30_000 })
    if (error) throw error
    const answers = new Map(
      messagesIn(stdout)
        .flatMap((one) => response.safeParse(one).data ?? [])
        .map((one) => [one.id, one])
    )
    return calls.map(([method], nth) => {
      const answer = answers.get(nth + 1)
      if (!answer?.result) throw new Error(`${method}: ${JSON.stringify(answer?.error)}`)
      return answer.result
    })
  }

  read(offset = 0, bytes = this.bytes, { base } = this.places[0] ?? { base: 0 }): Uint8Array {
    const into = new Uint8Array(bytes)
    if (readSync(this.#memory, into, 0, bytes, base + offset) !== bytes) throw new Error('short read')
    return into
  }

  write(offset: number, bytes: Uint8Array, { base } = this.places[0] ?? { base: 0 }): void {
    writeSync(this.#memory, bytes, 0, bytes.length, base + offset)
  }

  /** All of its regions. */
  images(): Image[] {
    return this.places.map((place) => ({ bytes: this.read(0, place.bytes, place), physicalBase: place.base }))
  }

  bootId(): string {
    return readFileSync(join(this.folder, 'proc', 'sys', 'kernel', 'random', 'boot_id'), 'utf8').trim()
  }

  end(): void {
    closeSync(this.#memory)
    rmSync(this.folder, { recursive: true, force: true })
  }
}

const separator = '\r\n\r\n'

/** The bodies of a stream of frames. */
function messagesIn(stream: Buffer): unknown[] {
  const messages: unknown[] = []
  for (let at = 0; at < stream.length;) {
    const end = stream.indexOf(separator, at)
    const bytes = Number(/Content-Length: (\d+)/.exec(stream.toString('latin1', at, end))?.[1])
    const body = end + separator.length
    if (end < 0 || !(bytes > 0) || body + bytes > stream.length) throw new Error('a frame is torn')
    messages.push(JSON.parse(stream.toString('utf8', body, body + bytes)))
    at = body + bytes
  }
  return messages
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
