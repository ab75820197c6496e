// SPDX-License-Identifier: GPL-2.0-or-later
/** Page states of a pool by cells of 2^level pages, in tiles: what is in view is asked for, what was read is kept. */
import { cellFlags } from '../map/cell-flags.ts'

export const cellsPerTile = 16_384
const tilesAtOnce = 4 // of one request: 65,536 cells
const requestsAtOnce = 4
const tilesKept = 256 // 32 KiB each

/** Two bytes a cell, as pool/tiles answers them. */
export type ReadCells = (level: number, first: number, count: number) => Promise<Uint8Array>

interface Span {
  readonly from: number
  readonly to: number
}

interface Tile {
  readonly level: number
  /** its first cell */
  readonly first: number
  readonly cells: Uint8Array
  known: boolean
  asked: boolean
  /** cells to be read again, counted from its first */
  stale: Span | null
}

/** Cells of one level, `end` is one past the last. */
export interface Part {
  readonly level: number
  readonly first: number
  readonly end: number
}

const keyOf = (level: number, index: number): number => level * 2 ** 40 + index
const hull = (one: Span | null, other: Span): Span =>
  one ? { from: Math.min(one.from, other.from), to: Math.max(one.to, other.to) } : other

export class Tiles {
  readonly #read: ReadCells
  readonly #changed: () => void
  readonly #tiles = new Map<number, Tile>()
  #pages: number
  #view: readonly Part[] = []
  #underWay = 0
  #halted = false

  /** `changed` is called whenever cells arrived. */
  constructor(read: ReadCells, pages: number, changed: () => void) {
    this.#read = read
    this.#pages = pages
    this.#changed = changed
  }

  /** The finest level that has the whole pool in one tile: drawn wherever nothing finer is there yet. */
  get rootLevel(): number {
    let level = 0
    while (this.cellsOf(level) > cellsPerTile) level++
    return level
  }

  cellsOf(level: number): number {
    return Math.ceil(this.#pages / 2 ** level)
  }

  /** What is looked at from now on: it is read first, and read again when it changes. */
  look(parts: readonly Part[]): void {
    const root = this.rootLevel
    this.#view = [{ level: root, first: 0, end: this.cellsOf(root) }, ...parts]
    this.#pump()
  }

  /** The cells as far as they are known: out of this level, else out of a coarser one, else zeros. */
  cells(level: number, first: number, count: number): Uint8Array {
    const all = new Uint8Array(count * 2)
    const end = Math.min(first + count, this.cellsOf(level))
    for (let cell = first; cell < end;) {
      const index = Math.floor(cell / cellsPerTile)
      const stop = Math.min(end, (index + 1) * cellsPerTile)
      const into = all.subarray((cell - first) * 2, (stop - first) * 2)
      const tile = this.#known(level, index)
      if (tile) into.set(tile.cells.subarray((cell - tile.first) * 2, (stop - tile.first) * 2))
      else this.#fromCoarser(level, cell, into)
      cell = stop
    }
    return all
  }

  /** Pages whose state changed: what is in view is read again at once, the rest when it comes into view; also after a failure. */
  invalidate(from: number, to: number): void {
    for (const tile of this.#tiles.values()) {
      const scale = 2 ** tile.level
      const first = Math.max(0, Math.floor(from / scale) - tile.first)
      const end = Math.min(tile.cells.length / 2, Math.ceil(to / scale) - tile.first)
      if (first < end) tile.stale = hull(tile.stale, { from: first, to: end })
    }
    this.#halted = false // who tells of a change was read himself
    this.#pump()
  }

  /** After a change of which nothing more is known, or of the pool's size. */
  invalidateAll(pages: number): void {
    if (pages !== this.#pages) {
      this.#pages = pages
      this.#tiles.clear()
    }
    this.invalidate(0, pages)
  }

  end(): void {
    this.#view = []
    this.#tiles.clear()
  }

  #known(level: number, index: number): Tile | null {
    const tile = this.#tiles.get(keyOf(level, index))
    return tile?.known ? tile : null
  }

  #fromCoarser(level: number, first: number, into: Uint8Array): void {
    const root = this.rootLevel
    for (let coarser = level + 1; coarser <= root; coarser++) {
      const shrink = 2 ** (coarser - level)
      const tile = this.#known(coarser, Math.floor(first / shrink / cellsPerTile))
      if (!tile) continue
      for (let at = 0; at < into.length; at += 2) {
        const from = (Math.floor((first + at / 2) / shrink) - tile.first) * 2
        into[at] = (tile.cells[from] ?? 0) & ~cellFlags.first
        into[at + 1] = tile.cells[from + 1] ?? 0
      }
      return
    }
  }

  #pump(): void {
    for (const { level, first, end } of this.#view) {
      const last = Math.floor((Math.min(end, this.cellsOf(level)) - 1) / cellsPerTile)
      for (let index = Math.floor(first / cellsPerTile); index <= last; index++) {
        if (this.#halted || this.#underWay >= requestsAtOnce) return
        const tile = this.#tiles.get(keyOf(level, index))
        if (!tile) void this.#ask(this.#missing(level, index, last))
        else if (tile.stale && !tile.asked) void this.#again(tile, tile.stale)
      }
    }
  }

  /** New tiles from an index on, as many in a row as are missing and one request takes. */
  #missing(level: number, index: number, last: number): Tile[] {
    const made: Tile[] = []
    for (let at = index; at <= last && made.length < tilesAtOnce && !this.#tiles.has(keyOf(level, at)); at++) {
      const first = at * cellsPerTile
      const size = Math.min(cellsPerTile, this.cellsOf(level) - first)
      const tile = { level, first, cells: new Uint8Array(size * 2), known: false, asked: true, stale: null }
      this.#tiles.set(keyOf(level, at), tile)
      made.push(tile)
    }
    return made
  }

  async #ask(made: readonly Tile[]): Promise<void> {
    const [{ level, first }, last] = [made[0]!, made.at(-1)!]
    const cells = await this.#request(level, first, last.first + last.cells.length / 2 - first)
    for (const tile of made) {
      tile.asked = false
      if (cells) {
        tile.cells.set(cells.subarray((tile.first - first) * 2).subarray(0, tile.cells.length))
        tile.known = true
      } else if (this.#tiles.get(keyOf(level, tile.first / cellsPerTile)) === tile)
        this.#tiles.delete(keyOf(level, tile.first / cellsPerTile))
    }
    this.#settle(cells !== null)
  }

  async #again(tile: Tile, { from, to }: Span): Promise<void> {
    tile.asked = true
    tile.stale = null // what changes from now on makes it stale again
    const cells = await this.#request(tile.level, tile.first + from, to - from)
    tile.asked = false
    if (cells) tile.cells.set(cells.subarray(0, (to - from) * 2), from * 2)
    else tile.stale = hull(tile.stale, { from, to })
    this.#settle(cells !== null)
  }

  /** null: it could not be read; nothing more is asked until a change says that it may work again. */
  async #request(level: number, first: number, count: number): Promise<Uint8Array | null> {
    this.#underWay++
    try {
      return await this.#read(level, first, count)
    } catch {
      this.#halted = true
      return null
    } finally {
      this.#underWay--
    }
  }

  #settle(arrived: boolean): void {
    this.#forget()
    this.#pump()
    if (arrived) this.#changed()
  }

  /** The oldest go first, of those that are not in view. */
  #forget(): void {
    if (this.#tiles.size <= tilesKept) return
    const inView = ({ level, first, cells }: Tile): boolean =>
      this.#view.some((part) => part.level === level && first < part.end && part.first < first + cells.length / 2)
    for (const [key, tile] of this.#tiles) {
      if (this.#tiles.size <= tilesKept) return
      if (!tile.asked && !inView(tile)) this.#tiles.delete(key)
    }
  }
}
