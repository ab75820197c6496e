// SPDX-License-Identifier: GPL-2.0-or-later
/** What of a selection is left when the list changes. Lists are sorted by page. */
import type { Allocation } from '@api'

type List = readonly Allocation[]

/**
 * Named, renamed or resized it is the same, although each gives its record another id: when and in which boot it was made
 * stay. Made at another time, or without the record it had, something else was put there.
 */
export function isSame(before: Allocation, now: Allocation | null): boolean {
  if (now?.page !== before.page) return false
  const [was, is] = [before.record, now.record]
  return was === null || (was.createdAt === is?.createdAt && was.bootId === is.bootId)
}

/** Those of the chosen first pages where what was chosen still is; the same set when that is all of them. */
export function stillChosen(chosen: ReadonlySet<number>, now: List, before: List): ReadonlySet<number> {
  const left = new Set<number>()
  let at = 0
  for (const each of now) {
    if (!chosen.has(each.page)) continue
    while (at < before.length && before[at]!.page < each.page) at++
    const was = before[at]?.page === each.page ? before[at]! : null
    if (!was || isSame(was, each)) left.add(each.page)
  }
  return left.size === chosen.size ? chosen : left
}
