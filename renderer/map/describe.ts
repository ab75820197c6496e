// SPDX-License-Identifier: GPL-2.0-or-later
/** The map in words: for the status line, the tooltip and screen readers. */
import type { Allocation } from '@api'
import { formatBytes, formatCount, formatHex, formatPages, pageBytes, plural } from '../composables/format.ts'
import { allocationIn, allocationsIn } from './allocations.ts'
import { ABSENT, countKinds, FIRST, KIND_MASK, pageKinds, type KindCounts, type PoolShape } from './pages.ts'
import { addressOf, regionAt } from './regions.ts'

export interface Described extends PoolShape {
  readonly kinds: Uint8Array
  readonly allocations: readonly Allocation[]
}

export interface CellText {
  readonly title: string
  readonly lines: readonly string[]
  readonly allocation: Allocation | null
}

const what = (allocation: Allocation): string =>
  allocation.record
    ? `${allocation.record.name}${allocation.record.owner && ` · ${allocation.record.owner}`}`
    : 'unnamed'

function pageState(pool: Described, page: number): string {
  const kind = pool.kinds[page] ?? 0
  if (kind === ABSENT) return 'no page'
  const name = pageKinds[kind & KIND_MASK] ?? 'free'
  return kind & FIRST ? `${name}, first page` : name
}

/** Address and page frame number, and the region where the pool has several. */
function placeOf({ regions }: Described, page: number): string[] {
  const address = addressOf(regions, page)
  if (address === null) return ['between two regions']
  const place = `${formatHex(address)} · pfn ${formatHex(Math.floor(address / pageBytes))}`
  if (regions.length === 1) return [place]
  const region = regionAt(regions, page)
  const index = region ? regions.indexOf(region) : 0
  return [`${place} · region ${index}${region?.error ? ', missing' : ''}`]
}

/** What stands in a cell: one page exactly, several as counts. */
export function describeCell(pool: Described, first: number, count: number): CellText {
  const to = Math.min(first + count, pool.pages)
  const allocation = allocationIn(pool.allocations, first, to)
  const inside = allocationsIn(pool.allocations, first, to)
  const lines = placeOf(pool, first)
  if (to - first === 1) lines.push(pageState(pool, first))
  else lines.push(countsText(countKinds(pool.kinds.subarray(first, to))))
  if (allocation && inside === 1) lines.push(`${what(allocation)} · ${formatPages(allocation.pages)}`)
  else if (inside > 1) lines.push(plural(inside, 'allocation'))
  const title =
    to - first === 1 ? `Page ${formatCount(first)}` : `Pages ${formatCount(first)} to ${formatCount(to - 1)}`
  return { title, lines, allocation }
}

function countsText(counts: KindCounts): string {
  const parts = pageKinds.filter((kind) => counts[kind] > 0).map((kind) => `${formatCount(counts[kind])} ${kind}`)
  return parts.join(', ')
}

export function describeMap(counts: KindCounts): string {
  const pages = pageKinds.reduce((sum, kind) => sum + counts[kind], 0)
  const size = formatBytes(pages * pageBytes)
  return `Page map: ${size}, ${plural(pages, 'page')}; ${countsText(counts)}; ${plural(counts.allocations, 'allocation')}.`
}
