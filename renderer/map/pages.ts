// SPDX-License-Identifier: GPL-2.0-or-later
/** Page states of a pool as the map shows them: pure data, one byte a page. */
import type { Allocation } from '@api'
import type { RegionShape } from './regions.ts'

/** What a page is, in order of precedence: where several share a cell, the highest is shown. */
export const pageKinds = ['free', 'metadata', 'allocated', 'named', 'bad'] as const
export type PageKind = (typeof pageKinds)[number]

export const FREE = 0
export const METADATA = 1
export const ALLOCATED = 2
export const NAMED = 3
export const BAD = 4
/** No page: between two regions, or of a region that is missing. Drawn as nothing, counted as nothing. */
export const ABSENT = 5
/** Set beside the kind on the first page of an allocation. */
export const FIRST = 8
export const KIND_MASK = 7

/** The two bits of the region: free, allocated continuing, bad, first page of an allocation. */
const STATE_CONTINUES = 1
const STATE_BAD = 2
const STATE_FIRST = 3

const kindOfState = new Uint8Array(4)
kindOfState[STATE_CONTINUES] = ALLOCATED
kindOfState[STATE_BAD] = BAD
kindOfState[STATE_FIRST] = ALLOCATED | FIRST

export interface PoolShape {
  readonly pages: number
  readonly regions: readonly RegionShape[]
}

type Run = Pick<Allocation, 'page' | 'pages'> & { readonly record: object | null }

/** One kind a page out of the region's words (little-endian, 32 pages to 64 bits) and the named allocations. */
export function classifyPages(words: Uint8Array, shape: PoolShape, allocations: readonly Run[]): Uint8Array {
  const kinds = new Uint8Array(shape.pages).fill(ABSENT)
  for (const region of shape.regions) if (!region.error) classifyRegion(kinds, words, region)
  for (const { page, pages, record } of allocations) if (record) markNamed(kinds, page, page + pages)
  return kinds
}

function classifyRegion(kinds: Uint8Array, words: Uint8Array, region: RegionShape): void {
  const end = Math.min(region.dataEnd, words.length * 4)
  kinds.fill(METADATA, region.firstPage, region.firstPage + region.pages)
  for (let page = region.dataFirst; page < end; page++) {
    kinds[page] = kindOfState[((words[page >> 2] ?? 0) >> ((page & 3) << 1)) & 3] ?? FREE
  }
  for (const { page, pages } of region.directory) kinds.fill(METADATA, page, page + pages)
}

/** Only pages that the region itself calls allocated: a list that is newer than the map must not invent pages. */
function markNamed(kinds: Uint8Array, from: number, to: number): void {
  for (let page = from; page < to; page++) {
    const kind = kinds[page] ?? METADATA
    if ((kind & KIND_MASK) === ALLOCATED) kinds[page] = (kind & FIRST) | NAMED
  }
}

/** Set the two-bit states of a run as an allocation (or as free) in a copy of the words. */
export function withRun(words: Uint8Array, page: number, pages: number, allocated: boolean): Uint8Array {
  const copy = words.slice()
  for (let at = page; at < page + pages; at++) {
    const state = !allocated ? 0 : at === page ? STATE_FIRST : STATE_CONTINUES
    const shift = (at & 3) << 1
    copy[at >> 2] = ((copy[at >> 2] ?? 0) & ~(3 << shift)) | (state << shift)
  }
  return copy
}

export type KindCounts = Record<PageKind, number> & { readonly allocations: number }

export function countKinds(kinds: Uint8Array): KindCounts {
  const histogram = new Uint32Array(2 * FIRST)
  for (const kind of kinds) histogram[kind] = (histogram[kind] ?? 0) + 1
  const of = (kind: number): number => (histogram[kind] ?? 0) + (histogram[kind | FIRST] ?? 0)
  return {
    free: of(FREE),
    metadata: of(METADATA),
    allocated: of(ALLOCATED),
    named: of(NAMED),
    bad: of(BAD),
    allocations: histogram.subarray(FIRST).reduce((sum, count) => sum + count, 0)
  }
}

/** Cells of equal page counts; nothing in a cell may get lost, however many pages share it. */
export interface Cells {
  /** the kind of highest precedence, with FIRST when an allocation starts in the cell; ABSENT when it has no page */
  readonly top: Uint8Array
  /** pages of the cell that are not free, 0 to 255 for none to all; at least 1 when there is any */
  readonly filled: Uint8Array
}

export function aggregate(kinds: Uint8Array, firstPage: number, pagesPerCell: number, cells: number): Cells {
  const top = new Uint8Array(cells)
  const filled = new Uint8Array(cells)
  for (let cell = 0; cell < cells; cell++) {
    const from = firstPage + cell * pagesPerCell
    const to = Math.min(from + pagesPerCell, kinds.length)
    let highest = FREE
    let first = 0
    let used = 0
    let absent = 0
    for (let page = from; page < to; page++) {
      const kind = kinds[page] ?? FREE
      if (kind === FREE) continue
      if (kind === ABSENT) {
        absent++
        continue
      }
      used++
      first |= kind & FIRST
      if ((kind & KIND_MASK) > highest) highest = kind & KIND_MASK
    }
    top[cell] = absent === to - from ? ABSENT : highest | first
    if (used > 0) filled[cell] = Math.max(1, Math.round((255 * used) / (to - from - absent)))
  }
  return { top, filled }
}
