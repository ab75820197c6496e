// SPDX-License-Identifier: GPL-2.0-or-later
/** The map as text: each allocation, what lies between them, metadata, and where there is no page. */
import type { Allocation } from '@api'
import { formatHex, pageBytes } from '../composables/format.ts'
import { addressOf, regionAt, type RegionShape } from './regions.ts'
import type { Run, Runs } from './runs.ts'

export interface MapRow {
  readonly page: number
  readonly pages: number
  /** first and last byte, physical; empty where there is no memory */
  readonly addresses: string
  readonly what: string
  readonly owner: string
}

export const mostRows = 200

/** Rows of [from, to), in page order; one more than mostRows when there are more. `bad` are the pages in quarantine. */
export function mapRows(
  regions: readonly RegionShape[],
  runs: Runs<Allocation>,
  bad: Runs<Run>,
  from: number,
  to: number
): readonly MapRow[] {
  const rows: MapRow[] = []
  const edges = regions
    .flatMap(({ firstPage, pages, dataFirst, dataEnd }) => [firstPage, dataFirst, dataEnd, firstPage + pages])
    .sort((a, b) => a - b)
  const put = (page: number, end: number, what: string, owner = ''): void => {
    const [first, last] = [addressOf(regions, page), addressOf(regions, end - 1)]
    const addresses = first === null || last === null ? '' : `${formatHex(first)}-${formatHex(last + pageBytes - 1)}`
    rows.push({ page, pages: end - page, addresses, what, owner })
  }
  const between = (page: number): string => {
    const region = regionAt(regions, page)
    if (!region) return 'no page'
    if (region.error) return 'region missing'
    return page < region.dataFirst || page >= region.dataEnd ? 'metadata' : 'not allocated'
  }
  let index = runs.reaching(from)
  for (let page = from; page < to && rows.length <= mostRows;) {
    const run = runs.list[index]
    if (run && run.page <= page) {
      const end = Math.min(to, run.page + run.pages)
      put(page, end, run.record?.name ?? 'unnamed allocation', run.record?.owner)
      page = end
      index++
      continue
    }
    const faulty = bad.list[bad.reaching(page)]
    const isBad = faulty !== undefined && faulty.page <= page
    const edge = isBad ? faulty.page + faulty.pages : (edges.find((each) => each > page) ?? to)
    const end = Math.min(to, edge, run?.page ?? to, isBad ? to : (faulty?.page ?? to))
    put(page, end, isBad ? 'bad' : between(page))
    page = end
  }
  return rows
}
