// SPDX-License-Identifier: GPL-2.0-or-later
/** What the table shows: a list filtered, sorted and grouped, in one pass over typed arrays. */
import type { Allocation } from '@api'
import { Ranker, sortByRank, type ColumnId, type Ranks } from './columns.ts'
import type { Test } from './filter.ts'

export interface Wanted {
  readonly tests: readonly Test[]
  /** only those with a page in it; `to` is one past the last */
  readonly range: { readonly from: number; readonly to: number } | null
  readonly column: ColumnId
  readonly descending: boolean
  readonly grouped: boolean
  /** keys of groups that show their sums only */
  readonly collapsed: ReadonlySet<string>
}

/** Those of one owner. */
export interface Group {
  readonly key: string
  /** null: unnamed; empty: named, without an owner */
  readonly owner: string | null
  readonly collapsed: boolean
  readonly pages: number
  /** indexes of the list, as sorted */
  readonly members: Uint32Array
}

export interface Listing {
  readonly list: readonly Allocation[]
  /** one a row: an index of the list, or -1 - n for the head of group n */
  readonly entries: Int32Array
  readonly groups: readonly Group[]
  /** of what the filter leaves, collapsed ones too */
  readonly count: number
  readonly pages: number
}

export const emptyListing: Listing = { list: [], entries: new Int32Array(), groups: [], count: 0, pages: 0 }

/** Ranks of the newest list, so that another filter needs no new ones. */
export class Lister {
  #list: readonly Allocation[] = []
  readonly #ranker = new Ranker()
  readonly #ranks = new Map<ColumnId, Ranks>()

  make(list: readonly Allocation[], wanted: Wanted): Listing {
    if (list !== this.#list) {
      this.#list = list
      this.#ranks.clear()
    }
    const { kept, pages } = keep(list, wanted)
    // a list comes in page order
    const sorted =
      wanted.column === 'page' && !wanted.descending
        ? kept
        : sortByRank(kept, this.#rank(wanted.column), wanted.descending)
    const groups = wanted.grouped ? this.#groups(sorted, wanted) : []
    const entries = wanted.grouped ? entriesOf(groups) : new Int32Array(sorted)
    return { list, entries, groups, count: kept.length, pages }
  }

  #rank(column: ColumnId): Ranks {
    let ranks = this.#ranks.get(column)
    if (!ranks) this.#ranks.set(column, (ranks = this.#ranker.rank(this.#list, column)))
    return ranks
  }

  #groups(sorted: Uint32Array, { column, descending, collapsed }: Wanted): Group[] {
    const members = new Map<string | null, { indexes: number[]; pages: number }>()
    for (let at = 0; at < sorted.length; at++) {
      const { pages, record } = this.#list[sorted[at]!]!
      const owner = record?.owner ?? null
      let own = members.get(owner)
      if (!own) members.set(owner, (own = { indexes: [], pages: 0 }))
      own.indexes.push(sorted[at]!)
      own.pages += pages
    }
    const groups = Array.from(members, ([owner, { indexes, pages }]): Group => {
      const key = groupKey(owner)
      return { key, owner, pages, collapsed: collapsed.has(key), members: new Uint32Array(indexes) }
    })
    const bySize = column === 'pages' || column === 'size' || column === 'order'
    const turn = descending ? -1 : 1
    if (bySize) return groups.sort((a, b) => turn * (a.pages - b.pages) || byOwner(a.owner, b.owner, 1))
    return groups.sort((a, b) => byOwner(a.owner, b.owner, column === 'owner' ? turn : 1))
  }
}

export const groupKey = (owner: string | null): string => (owner === null ? 'unnamed' : `owner ${owner}`)
export const groupTitle = ({ owner }: Pick<Group, 'owner'>): string =>
  owner === null ? 'unnamed' : owner || 'no owner'

/** Owners by their names; then those without one, then what is unnamed. */
function byOwner(a: string | null, b: string | null, turn: number): number {
  const classOf = (owner: string | null): number => (owner === null ? 2 : owner === '' ? 1 : 0)
  return classOf(a) - classOf(b) || turn * (a ?? '').localeCompare(b ?? '')
}

function keep(list: readonly Allocation[], { tests, range }: Wanted): { kept: Uint32Array; pages: number } {
  const kept = new Uint32Array(list.length)
  let count = 0
  let pages = 0
  next: for (let index = 0; index < list.length; index++) {
    const each = list[index]!
    if (range && (each.page >= range.to || each.page + each.pages <= range.from)) continue
    for (const holds of tests) if (!holds(each)) continue next
    kept[count++] = index
    pages += each.pages
  }
  return { kept: kept.subarray(0, count), pages }
}

function entriesOf(groups: readonly Group[]): Int32Array {
  const length = groups.reduce((sum, { collapsed, members }) => sum + 1 + (collapsed ? 0 : members.length), 0)
  const entries = new Int32Array(length)
  let at = 0
  groups.forEach(({ collapsed, members }, number) => {
    entries[at++] = -1 - number
    if (collapsed) return
    entries.set(members, at)
    at += members.length
  })
  return entries
}

export const groupAt = ({ entries, groups }: Listing, row: number): Group | null =>
  groups[-1 - (entries[row] ?? 0)] ?? null

export const allocationAtRow = ({ entries, list }: Listing, row: number): Allocation | null =>
  list[entries[row] ?? -1] ?? null

/** The row of the allocation that begins at a page; -1 when it is not shown. */
export function rowOfPage({ entries, list }: Listing, page: number): number {
  let low = 0
  let high = list.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (list[middle]!.page < page) low = middle + 1
    else high = middle
  }
  return list[low]?.page === page ? entries.indexOf(low) : -1
}
