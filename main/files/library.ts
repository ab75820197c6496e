// SPDX-License-Identifier: GPL-2.0-or-later
/** Snapshot files of the lab, in one folder, read without a helper. */
import { z } from 'zod'
import { failure, PmpoolError } from '../api/failure.ts'
import {
  Comparison,
  labMethods,
  type HelperMethod,
  type HelperParams,
  type HelperResult,
  type LabFile,
  type LabResult,
  type Report,
  type Snapshot
} from '../api/index.ts'
import { chainOnHost, download, type Request } from './fetch.ts'
import { Incoming } from './incoming.ts'
import type { Native } from './native.ts'
import { reportOf, type Reported, type ReportFormat } from './report.ts'
import { Described, Shelf } from './shelf.ts'
import type { Task } from './task.ts'
import { Turns } from './turns.ts'

export interface FileLibraryOptions {
  /** the files lie in it; made when it is first used */
  readonly directory: string
  /** libpmpool.so; undefined: none was found */
  readonly library: string | undefined
  /** Asks a host of the lab. */
  readonly request: <M extends HelperMethod>(
    host: string,
    method: M,
    params: HelperParams<M>
  ) => Promise<HelperResult<M>>
}

/** As many as libpmpool takes. */
const longestChain = 64
const MapAnswer = labMethods['file/map'].result.omit({ states: true })
const Allocations = labMethods['file/allocations'].result

export class FileLibrary {
  readonly #options: FileLibraryOptions
  readonly #shelf: Shelf
  readonly #incoming: Incoming
  readonly #turns = new Turns()
  #native: Promise<Native> | undefined

  constructor(options: FileLibraryOptions) {
    this.#options = options
    this.#shelf = new Shelf(options.directory, (path) => this.#describe(path))
    this.#incoming = new Incoming(this.#shelf)
  }

  async report(of: Reported, format: ReportFormat): Promise<Report> {
    const native = await this.#load()
    const { text } = z.object({ text: z.string() }).parse(await native.report(of, format))
    return reportOf(of, format, text)
  }

  async list(): Promise<LabFile[]> {
    await this.#load()
    const all = await this.#shelf.all()
    return [...all]
      .map(([name, file]) => this.#labFile(name, file, all))
      .sort((one, other) => other.createdAt - one.createdAt)
  }

  /** What the lab has already, by its digest, is not fetched again. */
  async fetch(host: string, name: string, task: Task): Promise<LabFile> {
    await this.#load()
    const request: Request = (method, params) => this.#options.request(host, method, params)
    const missing = (await this.#missing(await chainOnHost(name, request))).reverse() // parents first
    const total = missing.reduce((sum, { bytes }) => sum + bytes, 0)
    let done = 0
    for (const snapshot of missing) {
      await this.#fetchOne(snapshot, request, task, (bytes) => {
        done += bytes
        task.progress?.({ done, total })
      })
    }
    return this.#file(name)
  }

  async #missing(chain: readonly Snapshot[]): Promise<Snapshot[]> {
    const all = await this.#shelf.all()
    const [wanted] = chain
    const there = (snapshot: Snapshot): boolean =>
      snapshot === wanted
        ? all.get(snapshot.name)?.digest === snapshot.digest
        : [...all.values()].some(({ digest, damage }) => digest === snapshot.digest && damage === null)
    const missing = chain.filter((snapshot) => !there(snapshot))
    const taken = missing.find(({ name }) => all.has(name))
    if (taken) throw failure('file-exists', `The lab has another file ${taken.name} already.`)
    return missing
  }

  /** The whole file is checked before it gets its name; what the host knew to be damaged may stay so. */
  async #fetchOne(snapshot: Snapshot, request: Request, task: Task, got: (bytes: number) => void): Promise<void> {
    const path = await this.#shelf.partial()
    try {
      await download(snapshot, path, request, task, got)
      const file = await this.#verify([path, ...(await this.#parents(snapshot.parent))], { signal: task.signal })
      if (file.damage && !snapshot.damage) throw new PmpoolError(file.damage)
      await this.#shelf.accept(path, snapshot.name)
      await this.#shelf.learn(snapshot.name, file)
    } finally {
      await this.#shelf.drop(path)
    }
  }

  async write(name: string, offset: number, data: Uint8Array, last: boolean): Promise<LabFile | null> {
    await this.#load()
    if (await this.#shelf.has(name)) throw failure('file-exists', `The lab has a file ${name} already.`)
    const path = await this.#incoming.add(name, offset, data, last)
    if (path === null) return null
    try {
      await this.#describe(path)
      await this.#shelf.accept(path, name)
    } finally {
      await this.#shelf.drop(path)
    }
    return this.#file(name)
  }

  async verify(name: string, task: Task): Promise<LabFile> {
    const file = await this.#verify(await this.#chain(name), task)
    await this.#shelf.learn(name, file)
    return this.#file(name)
  }

  async compare(before: string, after: string, task: Task): Promise<Comparison> {
    const native = await this.#load()
    const [first, second] = [await this.#chain(before), await this.#chain(after)]
    return Comparison.parse(await this.#turns.take(task.signal, () => native.compare(first, second, task)))
  }

  async map(name: string, first: number, count: number): Promise<LabResult<'file/map'>> {
    const native = await this.#load()
    const { answer, states } = await native.map(await this.#chain(name), first, count)
    const shown = MapAnswer.parse(answer)
    return { ...shown, states: states.subarray(0, Math.ceil(shown.count / 32) * 8).toString('base64') }
  }

  async allocations(name: string, from: number, limit: number): Promise<LabResult<'file/allocations'>> {
    const native = await this.#load()
    return Allocations.parse(await native.allocations(await this.#chain(name), from, limit))
  }

  /** An export of this name that is there already is replaced. */
  async export(name: string, format: 'raw' | 'elf', task: Task): Promise<LabResult<'file/export'>> {
    const native = await this.#load()
    const [chain, partial] = [await this.#chain(name), await this.#shelf.partial()]
    const path = this.#shelf.beside(name, format === 'raw' ? 'raw' : 'core')
    try {
      const answer = await this.#turns.take(task.signal, () => native.export(chain, partial, format, task))
      await this.#shelf.replace(partial, path)
      return { path, ...z.object({ bytes: z.number() }).parse(answer) }
    } finally {
      await this.#shelf.drop(partial)
    }
  }

  async read(name: string, page: number): Promise<LabResult<'file/read'>> {
    const native = await this.#load()
    const { answer, bytes } = await native.page(await this.#chain(name), page)
    return { data: bytes.toString('base64'), ...z.object({ digest: z.string() }).parse(answer) }
  }

  async delete(name: string): Promise<void> {
    await this.#shelf.delete(name)
  }

  async #file(name: string): Promise<LabFile> {
    const all = await this.#shelf.all()
    return this.#labFile(name, all.get(name) ?? (await this.#shelf.describe(name)), all)
  }

  #labFile(name: string, { parent, ...file }: Described, all: ReadonlyMap<string, Described>): LabFile {
    return {
      name,
      path: this.#shelf.path(name),
      ...file,
      parent: parent && { ...parent, present: holder(parent, all) !== undefined }
    }
  }

  /** Paths of the file and of what it builds on, as far as the lab has it. */
  async #chain(name: string): Promise<string[]> {
    await this.#load()
    const { parent } = await this.#shelf.describe(name)
    return [this.#shelf.path(name), ...(await this.#parents(parent))]
  }

  async #parents(first: Described['parent']): Promise<string[]> {
    const all = first ? await this.#shelf.all() : new Map<string, Described>()
    const paths: string[] = []
    for (let parent = first; parent && paths.length < longestChain - 1;) {
      const name = holder(parent, all)
      if (name === undefined) break
      paths.push(this.#shelf.path(name))
      parent = all.get(name)?.parent ?? null
    }
    return paths
  }

  async #describe(path: string): Promise<Described> {
    const native = await this.#load()
    return Described.parse(await native.describe([path]))
  }

  async #verify(chain: readonly string[], task: Task): Promise<Described> {
    const native = await this.#load()
    return Described.parse(await this.#turns.take(task.signal, () => native.verify(chain, task)))
  }

  #load(): Promise<Native> {
    const { library = 'none was found' } = this.#options
    this.#native ??= import('./native.ts')
      .then(({ Native }) => new Native(library))
      .catch((error: unknown) => {
        this.#native = undefined // it may be there the next time
        throw error
      })
    return this.#native
  }
}

/** Name of the file that is this parent: told by its digest, under its own name or any other. */
function holder(parent: { name: string; digest: string }, all: ReadonlyMap<string, Described>): string | undefined {
  if (all.get(parent.name)?.digest === parent.digest) return parent.name
  return [...all].find(([, { digest }]) => digest === parent.digest)?.[0]
}
