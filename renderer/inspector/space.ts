// SPDX-License-Identifier: GPL-2.0-or-later
/** What lies where in a pool, by offset: bytes from its first page on. Exact up to 2^53. */
import { pageBytes } from '../composables/format.ts'
import { regionAt, type RegionShape } from '../map/regions.ts'

export interface Segment {
  /** gap: between two regions, nothing is there; missing: a region that is not there now */
  readonly kind: 'region' | 'missing' | 'gap'
  readonly from: number
  /** one past the last byte */
  readonly to: number
  /** physical address of `from`; null in a gap */
  readonly base: number | null
}

export interface Extent {
  readonly from: number
  readonly to: number
}

/** The same places in order, those that touch as one. */
export function joined(extents: readonly Extent[]): Extent[] {
  const all: { from: number; to: number }[] = []
  for (const { from, to } of extents.toSorted((a, b) => a.from - b.from)) {
    const last = all.at(-1)
    if (last && from <= last.to) last.to = Math.max(last.to, to)
    else all.push({ from, to })
  }
  return all
}

export class PoolSpace {
  readonly size: number
  readonly segments: readonly Segment[]

  constructor(pool: { readonly pages: number; readonly regions: readonly RegionShape[] }) {
    this.size = pool.pages * pageBytes
    this.segments = cutUp(pool.pages, pool.regions)
  }

  segmentAt(offset: number): Segment | null {
    let low = 0
    let high = this.segments.length - 1
    while (low <= high) {
      const middle = (low + high) >> 1
      const segment = this.segments[middle]!
      if (offset < segment.from) high = middle - 1
      else if (offset >= segment.to) low = middle + 1
      else return segment
    }
    return null
  }

  /** The parts of [from, to) that can be read. */
  readable(from: number, to: number): Extent[] {
    return this.segments
      .filter((segment) => segment.kind === 'region' && segment.from < to && segment.to > from)
      .map((segment) => ({ from: Math.max(from, segment.from), to: Math.min(to, segment.to) }))
  }

  /** Physical address, null where there is none. */
  addressOf(offset: number): number | null {
    const segment = this.segmentAt(offset)
    return segment === null || segment.base === null ? null : segment.base + (offset - segment.from)
  }

  /** Offset of a physical address; a region that is there comes before one that is missing. */
  offsetOf(address: number): number | null {
    const holds = ({ base, from, to }: Segment): boolean =>
      base !== null && address >= base && address < base + (to - from)
    const found =
      this.segments.find((segment) => segment.kind === 'region' && holds(segment)) ??
      this.segments.find((segment) => holds(segment))
    return found ? found.from + (address - found.base!) : null
  }

  clamp(offset: number): number {
    return Math.max(0, Math.min(this.size - 1, Math.floor(offset)))
  }
}

function cutUp(pages: number, regions: readonly RegionShape[]): Segment[] {
  const edges = new Set([0, pages])
  for (const region of regions) {
    edges.add(Math.min(pages, region.firstPage))
    edges.add(Math.min(pages, region.firstPage + region.pages))
  }
  const sorted = [...edges].sort((a, b) => a - b)
  return sorted.slice(0, -1).map((first, index) => {
    const region = regionAt(regions, first)
    return {
      kind: region === null ? 'gap' : region.error === null ? 'region' : 'missing',
      from: first * pageBytes,
      to: sorted[index + 1]! * pageBytes,
      base: region && region.base + (first - region.firstPage) * pageBytes
    }
  })
}
