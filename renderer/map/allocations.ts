// SPDX-License-Identifier: GPL-2.0-or-later
/** A pool's allocations, sorted by their first page. */
import type { Allocation } from '@api'

type Sorted = readonly Allocation[]

/** Index of the first allocation that starts at the page or after it. */
function lowerBound(list: Sorted, page: number): number {
  let low = 0
  let high = list.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (list[middle]!.page < page) low = middle + 1
    else high = middle
  }
  return low
}

/** The allocation that holds a page, or null. */
export function allocationAt(list: Sorted, page: number): Allocation | null {
  const index = lowerBound(list, page + 1) - 1
  const found = list[index]
  return found && page < found.page + found.pages ? found : null
}

/** The allocation that starts inside [from, to), for a cell of several pages; else one that reaches into it. */
export function allocationIn(list: Sorted, from: number, to: number): Allocation | null {
  const next = list[lowerBound(list, from)]
  return next && next.page < to ? next : allocationAt(list, from)
}

/** How many allocations have a page in [from, to). */
export function allocationsIn(list: Sorted, from: number, to: number): number {
  const first = lowerBound(list, from)
  const reachesIn = first > 0 && list[first - 1]!.page + list[first - 1]!.pages > from
  return lowerBound(list, to) - first + (reachesIn ? 1 : 0)
}

export function withAllocation(list: Sorted, added: Allocation): Allocation[] {
  const index = lowerBound(list, added.page)
  const same = list[index]?.page === added.page
  return [...list.slice(0, index), added, ...list.slice(index + (same ? 1 : 0))]
}

export const withoutAllocation = (list: Sorted, page: number): Allocation[] => list.filter((each) => each.page !== page)

/** Those whose name, owner, purpose, address or page holds every word of the filter. */
export function matching(list: Sorted, filter: string): Sorted {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return list
  return list.filter((each) => {
    const { record, page, address } = each
    const text = `${record?.name ?? ''} ${record?.owner ?? ''} ${record?.purpose ?? ''} ${page} 0x${address.toString(16)}`
    const lower = text.toLowerCase()
    return words.every((word) => lower.includes(word))
  })
}
