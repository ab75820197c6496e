// SPDX-License-Identifier: GPL-2.0-or-later
/** The folder with the files: names, files that are on their way, and what each of them says, read once. */
import { link, mkdir, readdir, rename, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { failure } from '../api/failure.ts'
import { FileName, LabFile } from '../api/index.ts'

const ending = '.pmsnap'
const partial = '.partial'

/** LabFile as libpmpool tells it: of the file alone. */
export const Described = LabFile.omit({ name: true, path: true }).extend({
  parent: z.object({ name: z.string(), digest: z.string() }).nullable()
})
export type Described = z.infer<typeof Described>

interface Known {
  /** of the file when it was read: another one means that it is another file */
  readonly mark: string
  readonly file: Described
}

export class Shelf {
  readonly directory: string
  readonly #read: (path: string) => Promise<Described>
  readonly #known = new Map<string, Known>()
  #ready: Promise<void> | undefined
  #partials = 0

  constructor(directory: string, read: (path: string) => Promise<Described>) {
    this.directory = directory
    this.#read = read
  }

  path(name: string): string {
    return join(this.directory, `${FileName.parse(name)}${ending}`)
  }

  /** What an export of a file is called. */
  beside(name: string, extension: string): string {
    return join(this.directory, `${FileName.parse(name)}.${extension}`)
  }

  async names(): Promise<string[]> {
    await this.#open()
    const entries = await readdir(this.directory)
    return entries
      .filter((entry) => entry.endsWith(ending))
      .map((entry) => entry.slice(0, -ending.length))
      .filter((name) => FileName.safeParse(name).success)
  }

  /** Every file that can be opened at all, by name. */
  async all(): Promise<Map<string, Described>> {
    const files = new Map<string, Described>()
    for (const name of await this.names()) {
      const file = await this.describe(name).catch(() => undefined)
      if (file) files.set(name, file)
    }
    return files
  }

  async describe(name: string): Promise<Described> {
    const mark = await this.#mark(name)
    const known = this.#known.get(name)
    if (known?.mark === mark) return known.file
    const file = await this.#read(this.path(name))
    this.#known.set(name, { mark, file })
    return file
  }

  /** What reading the whole file said, until it is another one. */
  async learn(name: string, file: Described): Promise<void> {
    this.#known.set(name, { mark: await this.#mark(name), file })
  }

  /** Refuses with file-not-found. */
  async #mark(name: string): Promise<string> {
    try {
      const { ino, size, mtimeMs } = await stat(this.path(name))
      return `${ino} ${size} ${mtimeMs}`
    } catch {
      throw failure('file-not-found', `The lab has no file ${name}.`)
    }
  }

  async has(name: string): Promise<boolean> {
    return this.#mark(name).then(
      () => true,
      () => false
    )
  }

  /** A path for a file that is not whole yet; nothing lists it. */
  async partial(): Promise<string> {
    await this.#open()
    return join(this.directory, `.${++this.#partials}${partial}`)
  }

  /** A whole file gets its name, unless another one has it. */
  async accept(partial: string, name: string): Promise<void> {
    try {
      await link(partial, this.path(name))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      throw failure('file-exists', `The lab has a file ${name} already.`)
    }
    await unlink(partial)
  }

  /** Takes the place of one that is there. */
  async replace(partial: string, path: string): Promise<void> {
    await rename(partial, path)
  }

  async drop(partial: string): Promise<void> {
    await unlink(partial).catch(() => undefined)
  }

  async delete(name: string): Promise<void> {
    await this.#mark(name)
    await unlink(this.path(name))
    this.#known.delete(name)
  }

  /** Makes the folder, and takes away what an earlier lab left half-way: one lab at a time uses it. */
  #open(): Promise<void> {
    this.#ready ??= (async () => {
      await mkdir(this.directory, { recursive: true, mode: 0o700 })
      for (const entry of await readdir(this.directory)) {
        if (entry.startsWith('.') && entry.endsWith(partial)) await this.drop(join(this.directory, entry))
      }
    })()
    return this.#ready
  }
}
