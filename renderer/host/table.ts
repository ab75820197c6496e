// SPDX-License-Identifier: GPL-2.0-or-later
/** The map as a table: which rows, and in which order. */
import { formatHex, pageBytes } from '../composables/format.ts'
import { byAddress, endOf, lanes, laneTitles, type MapItem } from './items.ts'
import { kindTitles, type Kind } from './kinds.ts'

export const columns = ['address', 'end', 'size', 'name', 'kind', 'lane'] as const
export type Column = (typeof columns)[number]
export const columnTitles: Record<Column, string> = {
  address: 'Address',
  end: 'Last',
  size: 'Size',
  name: 'Name',
  kind: 'Kind',
  lane: 'Told by'
}

export interface Order {
  readonly by: Column
  readonly down: boolean
}

const compare: Record<Column, (a: MapItem, b: MapItem) => number> = {
  address: byAddress,
  end: (a, b) => endOf(a) - endOf(b) || byAddress(a, b),
  size: (a, b) => a.size - b.size || byAddress(a, b),
  name: (a, b) => a.name.localeCompare(b.name) || byAddress(a, b),
  kind: (a, b) => kindTitles[a.kind].localeCompare(kindTitles[b.kind]) || byAddress(a, b),
  lane: (a, b) => lanes.indexOf(a.lane) - lanes.indexOf(b.lane) || byAddress(a, b)
}

export function sorted(items: readonly MapItem[], { by, down }: Order): MapItem[] {
  const list = items.toSorted(compare[by])
  return down ? list.reverse() : list
}

/** An address as it is typed: hexadecimal with 0x, or a page frame number with pfn before it; null: none. */
export function parseAddress(text: string): number | null {
  const match = /^(pfn\s*)?(0x[0-9a-f]+|\d+)$/i.exec(text.trim().replaceAll('_', ''))
  if (!match) return null
  const value = Number(match[2]) * (match[1] ? pageBytes : 1)
  return Number.isSafeInteger(value) ? value : null
}

/** Those whose texts hold all words, or that hold the address that is typed. */
export function filtered(items: readonly MapItem[], text: string, hidden: ReadonlySet<Kind>): MapItem[] {
  const address = /0x|pfn/i.test(text) ? parseAddress(text) : null
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  return items.filter((item) => {
    if (hidden.has(item.kind)) return false
    if (address !== null && item.base <= address && endOf(item) > address) return true
    const told = [item.name, kindTitles[item.kind], laneTitles[item.lane], formatHex(item.base)].join(' ').toLowerCase()
    return words.every((word) => told.includes(word))
  })
}
