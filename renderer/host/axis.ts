// SPDX-License-Identifier: GPL-2.0-or-later
/**
 * The address axis. Address spaces are mostly empty, so that to scale nearly everything is too narrow to be seen. A
 * folded axis draws each stretch between two ends of ranges by the fourth root of its pages, and cuts what nobody names,
 * or what is very long, short. Inside a stretch it is to scale. Places on the axis are units: bytes when to scale.
 */
import { pageBytes } from '../composables/format.ts'

export const axisModes = ['folded', 'linear'] as const
export type AxisMode = (typeof axisModes)[number]

/** A stretch of the axis within which it is to scale. */
export interface Piece {
  readonly base: number
  readonly size: number
  /** units */
  readonly at: number
  /** units */
  readonly length: number
  /** drawn shorter than the rule says */
  readonly cut: boolean
  /** something names it */
  readonly named: boolean
}

type Range = { readonly base: number; readonly size: number }

/** units, of a stretch that nobody names */
const gapUnits = 6
/** units, of a named one: as long as 10 GiB */
const longestUnits = 40

const foldedLength = (bytes: number): number => (bytes / pageBytes) ** 0.25

/** Stretches between neighbouring ends, and whether any range covers them. */
function stretches(ranges: readonly Range[], end: number): { base: number; size: number; named: boolean }[] {
  const open = new Map<number, number>([
    [0, 0],
    [end, 0]
  ])
  const step = (address: number, by: number): void => {
    const at = Math.min(address, end)
    open.set(at, (open.get(at) ?? 0) + by)
  }
  for (const { base, size } of ranges) {
    step(base, 1)
    step(base + size, -1)
  }
  const ends = [...open].sort(([a], [b]) => a - b)
  let depth = 0
  return ends.slice(0, -1).map(([base, by], index) => {
    depth += by
    return { base, size: (ends[index + 1]?.[0] ?? end) - base, named: depth > 0 }
  })
}

export class Axis {
  readonly mode: AxisMode
  readonly pieces: readonly Piece[]
  /** units */
  readonly length: number
  /** one past the last address */
  readonly end: number

  constructor(mode: AxisMode, ranges: readonly Range[], end: number) {
    this.mode = mode
    this.end = Math.max(end, pageBytes)
    let at = 0
    this.pieces = stretches(ranges, this.end).map(({ base, size, named }) => {
      const ruled = mode === 'linear' ? size : foldedLength(size)
      const length = mode === 'linear' ? size : Math.min(ruled, named ? longestUnits : gapUnits)
      const piece = { base, size, named, at, length, cut: length < ruled }
      at += length
      return piece
    })
    this.length = at
  }

  /** The last piece that begins at or before it. */
  #pieceBy(key: 'base' | 'at', value: number): Piece {
    let low = 0
    let high = this.pieces.length - 1
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      if ((this.pieces[middle]?.[key] ?? 0) <= value) low = middle
      else high = middle - 1
    }
    return this.pieces[low] as Piece
  }

  unitOf(address: number): number {
    const inside = Math.max(0, Math.min(address, this.end))
    const { base, size, at, length } = this.#pieceBy('base', inside)
    return at + ((inside - base) / size) * length
  }

  addressOf(unit: number): number {
    const inside = Math.max(0, Math.min(unit, this.length))
    const { base, size, at, length } = this.#pieceBy('at', inside)
    return Math.min(base + size, Math.round(base + ((inside - at) / length) * size))
  }

  /** Units that a page takes there. */
  pageUnits(unit: number): number {
    const { size, length } = this.#pieceBy('at', Math.max(0, Math.min(unit, this.length)))
    return (Math.min(pageBytes, size) / size) * length
  }

  /** Pieces with anything between two places, in order. */
  between(from: number, to: number): readonly Piece[] {
    return this.pieces.filter(({ at, length }) => at + length > from && at < to)
  }
}
