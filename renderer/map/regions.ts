// SPDX-License-Identifier: GPL-2.0-or-later
/** Which region of a pool a page belongs to, and what its address is. */
import type { PoolRegion } from '@api'
import { pageBytes } from '../composables/format.ts'

/** Of a pool: its pages count over all regions, each from a multiple of 512 on. */
export type RegionShape = Pick<PoolRegion, 'firstPage' | 'pages' | 'dataFirst' | 'dataEnd' | 'directory' | 'base'> & {
  readonly error: object | null
}

/** null: the page lies in the gap between two regions, or behind the last. One that is there comes before another that
 * claims its place. */
export function regionAt<R extends RegionShape>(regions: readonly R[], page: number): R | null {
  const holding = regions.filter(({ firstPage, pages }) => firstPage <= page && page < firstPage + pages)
  return holding.find(({ error }) => error === null) ?? holding[0] ?? null
}

/** Physical address of a page; null where there is none. */
export function addressOf(regions: readonly RegionShape[], page: number): number | null {
  const region = regionAt(regions, page)
  return region && region.base + (page - region.firstPage) * pageBytes
}
