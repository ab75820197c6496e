// SPDX-License-Identifier: GPL-2.0-or-later
/** The map in words: for the status line, the tooltip and screen readers. */
import type { Allocation, Usage } from '@api'
import { formatBytes, formatCount, formatHex, formatPages, pageBytes, plural } from '../composables/format.ts'
import { cellFlags } from './cell-flags.ts'
import { addressOf, regionAt, type RegionShape } from './regions.ts'
import type { Runs } from './runs.ts'

export interface Described {
  readonly pages: number
  readonly regions: readonly RegionShape[]
  readonly runs: Runs<Allocation>
  /** the two bytes of a cell */
  readonly cell: (level: number, cell: number) => Uint8Array
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

/** A page by itself. */
function pageState({ cell, runs }: Described, page: number): string {
  const [occurs = 0] = cell(0, page)
  if (occurs === 0) return 'not read yet'
  if (occurs & cellFlags.absent) return 'no page'
  if (occurs & cellFlags.bad) return 'bad'
  if (occurs & cellFlags.metadata) return 'metadata'
  if (!(occurs & cellFlags.allocated)) return 'free'
  const allocation = runs.at(page)
  const name = allocation?.record ? 'named' : 'allocated'
  return occurs & cellFlags.first || allocation?.page === page ? `${name}, first page` : name
}

/** All that stands in a cell of several pages, and how full it is. */
function cellState({ cell, runs }: Described, first: number, pages: number): string {
  const [occurs = 0, share = 0] = cell(Math.log2(pages), Math.floor(first / pages))
  if (occurs === 0) return 'not read yet'
  const parts: string[] = []
  if (occurs & cellFlags.free) parts.push('free')
  if (occurs & cellFlags.metadata) parts.push('metadata')
  if (occurs & cellFlags.allocated) {
    const named = runs.inside(first, first + pages)?.record
    parts.push(named && runs.count(first, first + pages) === 1 ? 'named' : 'allocated')
  }
  if (occurs & cellFlags.bad) parts.push('bad')
  if (parts.length === 0) return 'no page'
  const used = share === 0 || share === 255 ? '' : `, ${share < 3 ? 'under 1' : Math.round(share / 2.55)} % in use`
  return parts.join(', ') + used
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

/** What stands in a cell: one page exactly, several as what occurs among them. `pages` is a power of two. */
export function describeCell(pool: Described, first: number, pages: number): CellText {
  const to = Math.min(first + pages, pool.pages)
  const allocation = pool.runs.inside(first, to)
  const inside = pool.runs.count(first, to)
  const lines = placeOf(pool, first)
  lines.push(pages === 1 ? pageState(pool, first) : cellState(pool, first, pages))
  if (allocation && inside === 1) lines.push(`${what(allocation)} · ${formatPages(allocation.pages)}`)
  else if (inside > 1) lines.push(plural(inside, 'allocation'))
  const title =
    to - first === 1 ? `Page ${formatCount(first)}` : `Pages ${formatCount(first)} to ${formatCount(to - 1)}`
  return { title, lines, allocation }
}

/** The whole map in one sentence; `named` are pages of allocations that have a record, null: not all are known. */
export function describeMap(usage: Usage, named: number | null): string {
  const { pagesFree, pagesMetadata, pagesAllocated, pagesBad, allocations } = usage
  const pages = pagesFree + pagesMetadata + pagesAllocated + pagesBad
  const parts = [
    [pagesFree, 'free'],
    [pagesMetadata, 'metadata'],
    [Math.max(0, pagesAllocated - (named ?? 0)), 'allocated'],
    [named ?? 0, 'named'],
    [pagesBad, 'bad']
  ] as const
  const counts = parts.filter(([count]) => count > 0).map(([count, kind]) => `${formatCount(count)} ${kind}`)
  return `Page map: ${formatBytes(pages * pageBytes)}, ${plural(pages, 'page')}; ${counts.join(', ')}; ${plural(allocations, 'allocation')}.`
}
