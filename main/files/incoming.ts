// SPDX-License-Identifier: GPL-2.0-or-later
/** Files that a page brings part by part. Each part follows the one before it. */
import { open } from 'node:fs/promises'
import { invalidParams } from '../api/failure.ts'
import type { Shelf } from './shelf.ts'
import { writeWhole } from './write-whole.ts'

interface Coming {
  readonly path: string
  bytes: number
}

export class Incoming {
  readonly #shelf: Shelf
  readonly #coming = new Map<string, Coming>()

  constructor(shelf: Shelf) {
    this.#shelf = shelf
  }

  /** Answers the path of the whole file after its last part, which is the caller's then; else null. */
  async add(name: string, offset: number, data: Uint8Array, last: boolean): Promise<string | null> {
    const coming = offset === 0 ? await this.#begin(name) : this.#coming.get(name)
    if (!coming || coming.bytes !== offset) {
      throw invalidParams(`offset: ${coming?.bytes ?? 0} bytes of ${name} came so far`)
    }
    coming.bytes += data.length // before anything is awaited: a second part at this place is refused
    try {
      await store(coming.path, offset, data, last)
    } catch (error) {
      coming.bytes = offset // the same part can be sent again
      throw error
    }
    if (!last) return null
    this.#coming.delete(name)
    return coming.path
  }

  async #begin(name: string): Promise<Coming> {
    const before = this.#coming.get(name)
    const coming = { path: await this.#shelf.partial(), bytes: 0 }
    this.#coming.set(name, coming)
    if (before) await this.#shelf.drop(before.path)
    return coming
  }
}

async function store(path: string, offset: number, data: Uint8Array, sync: boolean): Promise<void> {
  const file = await open(path, offset === 0 ? 'wx' : 'r+', 0o600)
  try {
    await writeWhole(file, data, offset)
    if (sync) await file.sync()
  } finally {
    await file.close()
  }
}
