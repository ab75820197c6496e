// SPDX-License-Identifier: GPL-2.0-or-later
import { watchDebounced } from '@vueuse/core'
import { computed, shallowRef, type ComputedRef } from 'vue'
import { pageBytes } from '../composables/format.ts'
import type { Where } from '../composables/use-where.ts'
import type { regionAt } from '../map/regions.ts'
import { useLink } from '../stores/link.ts'
import { usePool } from '../stores/pool.ts'

/** What is free where an allocation may lie. */
export interface Room {
  /** pages */
  readonly free: number
  /** pages of the longest run */
  readonly largest: number
  /** "of the pool" */
  readonly of: string
}

/** The pages that a range of addresses means, when they all lie in one region; null: the helper alone can tell. */
function pagesOf(
  regions: Parameters<typeof regionAt>[0],
  from: number,
  to: number
): { from: number; to: number } | null {
  const inside = regions.find(({ base, pages }) => from >= base && from < base + pages * pageBytes)
  if (!inside) return null
  const first = inside.firstPage + Math.ceil((from - inside.base) / pageBytes)
  const end = Math.min(inside.firstPage + Math.floor((to - inside.base) / pageBytes), inside.firstPage + inside.pages)
  return end > first ? { from: first, to: end } : null
}

/** null: not known for this choice. */
export function useRoom({ request, wrong }: Where): ComputedRef<Room | null> {
  const pool = usePool()
  const link = useLink()
  const inRange = shallowRef<Room | null>(null)
  const isAnywhere = computed(() => {
    const { addressFrom, addressTo, placement } = request.value
    return addressFrom === undefined && addressTo === undefined && (placement === 'first' || placement === 'most-free')
  })

  watchDebounced(
    [request, wrong, () => pool.info?.sequence],
    async () => {
      inRange.value = null
      const { addressFrom = 0, addressTo = Infinity, placement } = request.value
      if (isAnywhere.value || wrong.value || !pool.info || !pool.key || placement === 'region' || placement === 'node')
        return
      const pages = pagesOf(pool.info.regions, addressFrom, addressTo)
      if (!pages) return
      const asked = request.value
      const found = await link.request('pool/range', { ...pool.key, ...pages }).catch(() => null) // a hint only
      if (found && request.value === asked)
        inRange.value = { free: found.pagesFree, largest: found.largestFreeRun?.pages ?? 0, of: 'of that range' }
    },
    { debounce: 150 }
  )

  return computed(() => {
    if (!isAnywhere.value) return inRange.value
    const usage = pool.info?.usage
    return usage ? { free: usage.pagesFree, largest: usage.largestFreeRun, of: 'of the pool' } : null
  })
}
