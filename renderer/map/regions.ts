// SPDX-License-Identifier: GPL-2.0-or-later
/** Which region of a pool a page belongs to, and what its address is. */
import type { PoolRegion } from '@api'
import { pageBytes } from '../composables/format.ts'

/** Of a pool: its pages count over all regions, each from a multiple of 512 on. */
export type RegionShape = Pick<PoolRegion, 'firstPage' | 'pages' | 'dataFirst' | 'dataEnd' | 'base'> & {
  readonly error: object | null
}

/** null: the page lies in the gap between two regions, or behind the last. */
export function regionAt<R extends RegionShape>(regions: readonly R[], page: number): R | null {
  const region = regions.findLast(({ firstPage }) => firstPage <= page)
  return region && page < region.firstPage + region.pages ? region : null
}

/** Physical address of a page; null where there is none. */
export function addressOf(regions: readonly RegionShape[], page: number): number | null {
  const region = regionAt(regions, page)
  return region && region.base + (page - region.firstPage) * pageBytes
}
