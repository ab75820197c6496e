// SPDX-License-Identifier: GPL-2.0-or-later
/** Columns of the table, and the order of a list by one of them. */
import type { Allocation } from '@api'

export const columns = [
  { id: 'page', title: 'Page', number: true },
  { id: 'pages', title: 'Pages', number: true },
  { id: 'order', title: 'Order', number: true },
  { id: 'address', title: 'Address', number: false },
  { id: 'size', title: 'Size', number: true },
  { id: 'name', title: 'Name', number: false },
  { id: 'owner', title: 'Owner', number: false },
  { id: 'purpose', title: 'Purpose', number: false },
  { id: 'made', title: 'Made', number: false }
] as const

export type ColumnId = (typeof columns)[number]['id']
type List = readonly Allocation[]

/** Place of each allocation of a list among the distinct values of a column; `none`, the highest, has no value. */
export interface Ranks {
  readonly ranks: Uint32Array
  readonly none: number
}

/** null: no value, which comes last in either direction */
const numbers: Partial<Record<ColumnId, (allocation: Allocation) => number | null>> = {
  page: ({ page }) => page,
  pages: ({ pages }) => pages,
  size: ({ pages }) => pages,
  order: ({ pages }) => Math.log2(pages),
  address: ({ address }) => address,
  made: ({ record }) => record?.createdAt ?? null
}
const texts: Partial<Record<ColumnId, (allocation: Allocation) => string | undefined>> = {
  name: ({ record }) => record?.name,
  owner: ({ record }) => record?.owner,
  purpose: ({ record }) => record?.purpose
}

export function rank(list: List, column: ColumnId): Ranks {
  const numberOf = numbers[column]
  return numberOf ? rankNumbers(list, numberOf) : rankTexts(list, texts[column]!)
}

// plain loops below: a hundred thousand steps through an iterator or a callback are milliseconds of a frame
function rankNumbers(list: List, numberOf: (allocation: Allocation) => number | null): Ranks {
  const values = new Float64Array(list.length)
  for (let at = 0; at < list.length; at++) values[at] = numberOf(list[at]!) ?? Infinity
  const sorted = values.slice().sort()
  let distinct = 0
  for (let at = 0; at < sorted.length; at++) {
    const value = sorted[at]!
    if (value !== Infinity && (distinct === 0 || value !== sorted[distinct - 1])) sorted[distinct++] = value
  }
  const ranks = new Uint32Array(list.length)
  for (let at = 0; at < values.length; at++) ranks[at] = lowerBound(sorted, distinct, values[at]!)
  return { ranks, none: distinct }
}

function lowerBound(sorted: Float64Array, length: number, value: number): number {
  let low = 0
  let high = length
  while (low < high) {
    const middle = (low + high) >> 1
    if (sorted[middle]! < value) low = middle + 1
    else high = middle
  }
  return low
}

/** ring-9 before ring-10, whatever the case. */
const sortKey = (text: string): string => text.toLowerCase().replace(/\d+/g, (digits) => digits.padStart(16, '0'))

function rankTexts(list: List, textOf: (allocation: Allocation) => string | undefined): Ranks {
  const places = new Map<string, number>()
  for (const each of list) {
    const text = textOf(each)
    if (text) places.set(text, 0)
  }
  // the key decides, of equal ones the text; sorted as strings, which engines do faster than by a function
  const texts = [...places.keys()]
  const keyed = texts.map((text, at) => `${sortKey(text)}\0${text}\0${at}`).sort()
  const none = keyed.length
  for (let place = 0; place < none; place++) {
    const key = keyed[place]!
    places.set(texts[Number(key.slice(key.lastIndexOf('\0') + 1))]!, place)
  }
  const ranks = new Uint32Array(list.length)
  for (let at = 0; at < list.length; at++) ranks[at] = places.get(textOf(list[at]!) ?? '') ?? none
  return { ranks, none }
}

/** The indexes in the order of their ranks; those of one rank stay as they are, those without a value come last. */
export function sortByRank(indexes: Uint32Array, { ranks, none }: Ranks, descending: boolean): Uint32Array {
  const places = new Uint32Array(indexes.length)
  const starts = new Uint32Array(none + 2)
  for (let at = 0; at < indexes.length; at++) {
    const own = ranks[indexes[at]!]!
    const place = descending && own !== none ? none - 1 - own : own
    places[at] = place
    starts[place + 1]!++
  }
  for (let at = 1; at < starts.length; at++) starts[at]! += starts[at - 1]!
  const sorted = new Uint32Array(indexes.length)
  for (let at = 0; at < indexes.length; at++) sorted[starts[places[at]!]!++] = indexes[at]!
  return sorted
}
