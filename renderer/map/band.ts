// SPDX-License-Identifier: GPL-2.0-or-later
import { paintCells, type Painted, type Picture } from './cells.ts'

interface Kept extends Painted {
  readonly picture: Picture
  readonly turn: number
  readonly level: number
  readonly first: number
  readonly end: number
}

/** The cells in view, of which panning paints only those that came into it. */
export class Band {
  #kept: Kept | null = null

  /** Cells from `first` to before `end`; another `turn` says that their states may have changed. */
  paint(picture: Picture, turn: number, level: number, first: number, end: number): Painted {
    const kept = this.#kept
    if (kept?.picture !== picture || kept.turn !== turn || kept.level !== level)
      return this.#keep(picture, turn, level, first, end)
    if (kept.first === first && kept.end === end) return kept
    const from = Math.max(first, kept.first)
    const to = Math.min(end, kept.end)
    if (from >= to) return this.#keep(picture, turn, level, first, end)
    const colours = new Uint32Array(end - first)
    const flags = new Uint8Array((end - first) * 2)
    const put = (part: Painted, at: number): void => {
      colours.set(part.colours, at - first)
      flags.set(part.flags, (at - first) * 2)
    }
    put(
      {
        colours: kept.colours.subarray(from - kept.first, to - kept.first),
        flags: kept.flags.subarray((from - kept.first) * 2, (to - kept.first) * 2)
      },
      from
    )
    if (first < from) put(paintCells(picture, level, first, from - first), first)
    if (to < end) put(paintCells(picture, level, to, end - to), to)
    this.#kept = { picture, turn, level, first, end, colours, flags }
    return this.#kept
  }

  #keep(picture: Picture, turn: number, level: number, first: number, end: number): Painted {
    this.#kept = { picture, turn, level, first, end, ...paintCells(picture, level, first, end - first) }
    return this.#kept
  }
}
