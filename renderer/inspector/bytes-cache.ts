// SPDX-License-Identifier: GPL-2.0-or-later
/** Bytes by offset, read in chunks when they are needed, the last used kept. Knows no page and no pool. */
import { asFailure, isCancelled } from '@api/failure.ts'
import type { LabError } from '@api'
import type { Extent } from './space.ts'

export const chunkSize = 1 << 16
const inFlightAtMost = 4

/** Instead of a byte. */
export const notRead = -1
/** what is read from does not hold it */
export const notHeld = -2

/** Bytes, and which of them are not held (`missing`, by offset). */
export interface HeldBytes {
  readonly bytes: Uint8Array
  readonly missing: readonly { readonly offset: number; readonly length: number }[]
}
export type ReadBytes = (offset: number, length: number) => Promise<HeldBytes>

interface Chunk {
  readonly bytes: Uint8Array
  /** 1: not held; null: all are */
  absent: Uint8Array | null
  /** 1: read; parts of a chunk that cannot be read stay 0 */
  readonly known: Uint8Array
}

export interface CacheWish {
  readonly read: ReadBytes
  /** the parts of a range that can be read */
  readonly readable: (from: number, to: number) => Extent[]
  readonly changed: () => void
  /** chunks that are kept */
  readonly limit?: number
}

export class BytesCache {
  /** why the last read failed; null after one that did not */
  error: LabError | null = null
  readonly #wish: CacheWish
  readonly #chunks = new Map<number, Chunk>()
  readonly #inFlight = new Set<number>()
  /** of those, what was read again meanwhile: what is under way may be older */
  readonly #overtaken = new Set<number>()
  #queue: number[] = []
  #epoch = 0

  constructor(wish: CacheWish) {
    this.#wish = wish
  }

  get count(): number {
    return this.#chunks.size
  }

  /** A byte, or notRead, or notHeld. */
  at(offset: number): number {
    const index = Math.floor(offset / chunkSize)
    const chunk = this.#chunks.get(index)
    const place = offset - index * chunkSize
    if (!chunk || chunk.known[place] === 0) return notRead
    return chunk.absent?.[place] === 1 ? notHeld : chunk.bytes[place]!
  }

  /** The bytes of a range, or null while not all of them are read or held. */
  slice(from: number, to: number): Uint8Array<ArrayBuffer> | null {
    const bytes = new Uint8Array(to - from)
    for (let at = from; at < to; at++) {
      const byte = this.at(at)
      if (byte < 0) return null
      bytes[at - from] = byte
    }
    return bytes
  }

  /** What is wanted now, nearest first; what was wanted before and is not under way is forgotten. */
  need(from: number, to: number): void {
    const first = Math.floor(from / chunkSize)
    const last = Math.floor(Math.max(from, to - 1) / chunkSize)
    const wanted: number[] = []
    for (let index = first; index <= last; index++) this.#want(index, wanted)
    for (const index of [last + 1, first - 1]) if (index >= 0) this.#want(index, wanted)
    this.#queue = wanted
    this.#pump()
  }

  #want(index: number, wanted: number[]): void {
    const chunk = this.#chunks.get(index)
    if (chunk) {
      this.#chunks.delete(index) // used last
      this.#chunks.set(index, chunk)
    } else if (!this.#inFlight.has(index) && this.#parts(index).length > 0) wanted.push(index)
  }

  #parts = (index: number): Extent[] => this.#wish.readable(index * chunkSize, (index + 1) * chunkSize)

  #pump(): void {
    while (this.#inFlight.size < inFlightAtMost && this.error === null) {
      const index = this.#queue.shift()
      if (index === undefined) return
      void this.#load(index)
    }
  }

  async #load(index: number): Promise<void> {
    const epoch = this.#epoch
    this.#inFlight.add(index)
    try {
      const chunk = blank()
      for (const { from, to } of this.#parts(index)) {
        const held = await this.#wish.read(from, to - from)
        if (epoch !== this.#epoch) return
        put(chunk, index * chunkSize, from, held)
      }
      this.#keep(index, chunk)
    } catch (thrown) {
      if (epoch === this.#epoch && !isCancelled(thrown)) this.#fail(thrown)
    } finally {
      if (epoch === this.#epoch) {
        this.#inFlight.delete(index)
        if (this.#overtaken.delete(index)) this.#queue.unshift(index)
        this.#pump()
        this.#wish.changed()
      }
    }
  }

  #fail(thrown: unknown): void {
    this.error = asFailure(thrown).toLabError()
    this.#queue = [] // until somebody asks again
  }

  #keep(index: number, chunk: Chunk): void {
    this.#chunks.set(index, chunk)
    const limit = this.#wish.limit ?? 256
    for (const oldest of this.#chunks.keys()) {
      if (this.#chunks.size <= limit) break
      this.#chunks.delete(oldest)
    }
  }

  /** Read a range again; answers where bytes that were known are others now. */
  async refresh(from: number, to: number): Promise<number[]> {
    const epoch = this.#epoch
    const changed: number[] = []
    try {
      for (const part of this.#wish.readable(from, to)) {
        const held = await this.#wish.read(part.from, part.to - part.from)
        if (epoch !== this.#epoch) return []
        this.#merge(part.from, held, changed)
      }
      this.error = null
    } catch (thrown) {
      if (epoch === this.#epoch && !isCancelled(thrown)) this.#fail(thrown)
    }
    this.#wish.changed()
    return changed
  }

  #merge(from: number, held: HeldBytes, changed: number[]): void {
    const first = Math.floor(from / chunkSize)
    const last = Math.floor((from + held.bytes.length - 1) / chunkSize)
    for (let index = first; index <= last; index++) {
      const chunk = this.#chunks.get(index)
      if (!chunk) {
        if (this.#inFlight.has(index)) this.#overtaken.add(index)
        continue // comes whole when it is needed
      }
      const start = index * chunkSize
      const [low, high] = [Math.max(from, start), Math.min(from + held.bytes.length, start + chunkSize)]
      for (let at = low; at < high; at++) {
        const byte = held.bytes[at - from]!
        if (chunk.known[at - start] === 1 && chunk.bytes[at - start] !== byte) changed.push(at)
      }
      const bytes = held.bytes.subarray(low - from, high - from)
      put(chunk, start, low, { bytes, missing: held.missing })
    }
  }

  /** After a failure: what is wanted next is asked for again. */
  retry(): void {
    this.error = null
  }

  /** Nothing of what was read counts any more. */
  clear(): void {
    this.#epoch++
    this.#chunks.clear()
    this.#inFlight.clear()
    this.#overtaken.clear()
    this.#queue = []
    this.error = null
    this.#wish.changed()
  }
}

const blank = (): Chunk => ({
  bytes: new Uint8Array(chunkSize),
  absent: null,
  known: new Uint8Array(chunkSize)
})

/** `start` is the chunk's first offset, `from` that of the bytes; all of them lie inside it. */
function put(chunk: Chunk, start: number, from: number, { bytes, missing }: HeldBytes): void {
  chunk.bytes.set(bytes, from - start)
  chunk.known.fill(1, from - start, from - start + bytes.length)
  chunk.absent?.fill(0, from - start, from - start + bytes.length)
  for (const { offset, length } of missing) {
    const low = Math.max(from, offset)
    const high = Math.min(from + bytes.length, offset + length)
    if (low >= high) continue
    chunk.absent ??= new Uint8Array(chunkSize)
    chunk.absent.fill(1, low - start, high - start)
  }
}
