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

/** Ranks of one list after the other. What it knows of the texts of the last one it has not to find out again. */
export class Ranker {
  readonly #texts = new Map<ColumnId, TextRanker>()

  rank(list: List, column: ColumnId): Ranks {
    const numberOf = numbers[column]
    if (numberOf) return rankNumbers(list, numberOf)
    let ranker = this.#texts.get(column)
    if (!ranker) this.#texts.set(column, (ranker = new TextRanker(texts[column]!)))
    return ranker.rank(list)
  }
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

const isDigit = (code: number): boolean => code >= 48 && code <= 57

/** ring-9 before ring-10, whatever the case: before each number stands how many digits it has. */
function sortKey(text: string): string {
  const lower = text.toLowerCase()
  let key = ''
  let from = 0
  for (let at = 0; at < lower.length; at++) {
    if (!isDigit(lower.charCodeAt(at))) continue
    let end = at + 1
    while (isDigit(lower.charCodeAt(end))) end++ // NaN at the end is none
    let first = at
    while (first < end - 1 && lower[first] === '0') first++
    key += `${lower.slice(from, at)}0${String.fromCharCode(33 + end - first)}${lower.slice(first, end)}`
    from = at = end
  }
  return key + lower.slice(from)
}

interface Text {
  readonly text: string
  readonly key: string
  place: number
  /** the last list that had it */
  turn: number
}

/** The key decides, of equal ones the text. */
const byKey = (a: Text, b: Text): number =>
  a.key < b.key ? -1 : a.key > b.key ? 1 : a.text < b.text ? -1 : a.text > b.text ? 1 : 0

class TextRanker {
  readonly #textOf: (allocation: Allocation) => string | undefined
  readonly #known = new Map<string, Text>()
  #sorted: Text[] = []
  #turn = 0

  constructor(textOf: (allocation: Allocation) => string | undefined) {
    this.#textOf = textOf
  }

  rank(list: List): Ranks {
    const own = this.#take(list)
    this.#sort()
    const none = this.#sorted.length
    const ranks = new Uint32Array(list.length)
    for (let at = 0; at < list.length; at++) ranks[at] = own[at]?.place ?? none
    return { ranks, none }
  }

  /** The text of each allocation; null: it has none. */
  #take(list: List): (Text | null)[] {
    this.#turn++
    const own: (Text | null)[] = []
    for (let at = 0; at < list.length; at++) {
      const text = this.#textOf(list[at]!)
      let known = text ? this.#known.get(text) : null
      if (text && !known) {
        this.#known.set(text, (known = { text, key: sortKey(text), place: 0, turn: 0 }))
        this.#sorted.push(known)
      }
      if (known) known.turn = this.#turn
      own.push(known ?? null)
    }
    return own
  }

  /** What is sorted already but for a few that were added behind it costs little more than looking at it. */
  #sort(): void {
    const turn = this.#turn
    for (const each of this.#sorted) if (each.turn !== turn) this.#known.delete(each.text)
    this.#sorted = this.#sorted.filter((each) => each.turn === turn).sort(byKey)
    for (let place = 0; place < this.#sorted.length; place++) this.#sorted[place]!.place = place
  }
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
