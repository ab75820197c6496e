// SPDX-License-Identifier: GPL-2.0-or-later
/** A range that is dragged or typed, moved to where a reservation wants to begin and end. */
import type { HostMemory } from '@api'
import { endOf } from './items.ts'

export const alignments = [2 ** 21, 2 ** 30] as const

export interface AddressRange {
  readonly base: number
  readonly size: number
}

const up = (address: number, to: number): number => Math.ceil(address / to) * to
const down = (address: number, to: number): number => Math.floor(address / to) * to

/** The outermost range of System RAM around an address. */
export const ramAround = (kernel: HostMemory['kernel'], address: number): AddressRange | null =>
  kernel.find(
    (range) =>
      range.depth === 0 && range.name.startsWith('System RAM') && range.base <= address && endOf(range) > address
  ) ?? null

/** 1 GiB for what is that long, else 2 MiB: huge pages fit from end to end. */
export const alignmentFor = (bytes: number): number => (bytes >= alignments[1] ? alignments[1] : alignments[0])

/**
 * From one address to another, both inside the System RAM around the first; ends are moved to multiples of `alignment`
 * inside of it. Null: no RAM there, or no room for one multiple.
 */
export function snapped(
  kernel: HostMemory['kernel'],
  from: number,
  to: number,
  alignment = alignmentFor(Math.abs(to - from))
): AddressRange | null {
  const ram = ramAround(kernel, from)
  if (!ram) return null
  const [low, high] = [up(ram.base, alignment), down(endOf(ram), alignment)]
  if (high - low < alignment) return alignment > alignments[0] ? snapped(kernel, from, to, alignments[0]) : null
  const first = Math.min(Math.max(down(Math.min(from, to), alignment), low), high - alignment)
  const last = Math.max(Math.min(up(Math.max(from, to), alignment), high), first + alignment)
  return { base: first, size: last - first }
}

/** The aligned part of a stretch; null: it holds none. */
export function alignedPart({ base, size }: AddressRange, alignment: number): AddressRange | null {
  const [first, last] = [up(base, alignment), down(base + size, alignment)]
  return last > first ? { base: first, size: last - first } : null
}

const largestPart = 4 // a host gives a quarter of a stretch away before it gives all of it

/** What to begin with on a free stretch: a quarter of it, at its upper end, in whole alignments. */
export function suggested(stretch: AddressRange): AddressRange | null {
  const alignment = alignmentFor(stretch.size / largestPart)
  const part = alignedPart(stretch, alignment)
  if (!part) return null
  const size = Math.max(alignment, down(part.size / largestPart, alignment))
  return { base: part.base + part.size - size, size }
}
