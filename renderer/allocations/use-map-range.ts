// SPDX-License-Identifier: GPL-2.0-or-later
import { computed, type ComputedRef } from 'vue'
import { regionAt } from '../map/regions.ts'
import { pageBytes } from '../composables/format.ts'
import { useMapView } from '../stores/map-view.ts'
import { usePool } from '../stores/pool.ts'

export interface MapRange {
  readonly from: number
  /** one past the last */
  readonly to: number
  readonly pages: number
  /** physical, of its first page */
  readonly address: number
}

/** The range that is chosen on the map, cut at the end of the region that it begins in; null: none. */
export function useMapRange(): ComputedRef<MapRange | null> {
  const map = useMapView()
  const pool = usePool()
  return computed(() => {
    const region = map.range && pool.info && regionAt(pool.info.regions, map.range.from)
    if (!map.range || !region) return null
    const { from } = map.range
    const to = Math.min(map.range.to, region.firstPage + region.pages)
    return { from, to, pages: to - from, address: region.base + (from - region.firstPage) * pageBytes }
  })
}
