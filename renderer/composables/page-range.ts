// SPDX-License-Identifier: GPL-2.0-or-later
/** A range of pages as it is typed: page indexes, or physical addresses in hexadecimal. */
import type { Pool } from '@api'
import { formatCount, pageBytes } from './format.ts'

export interface PageRange {
  readonly from?: number
  /** one past the last page */
  readonly to?: number
}
export type PageRangeCheck =
  { readonly range: PageRange; readonly wrong: null } | { readonly range: null; readonly wrong: string }

type Shape = Pick<Pool, 'pages' | 'regions'>

/** The page that a text means; null: none. An address may be one past the end of a region. */
export function parsePage({ pages, regions }: Shape, text: string): number | null {
  if (/^\d+$/.test(text)) return Number(text) <= pages ? Number(text) : null
  if (!/^0x[0-9a-f]+$/i.test(text)) return null
  const address = Number(text)
  const region = regions.find(({ base, size }) => address >= base && address <= base + size)
  return region ? region.firstPage + Math.floor((address - region.base) / pageBytes) : null
}

/** Empty texts leave that end open. */
export function checkPages(shape: Shape, fromText: string, toText: string): PageRangeCheck {
  const [first, last] = [fromText.trim(), toText.trim()]
  const from = first === '' ? undefined : parsePage(shape, first)
  const to = last === '' ? undefined : parsePage(shape, last)
  if (from === null || to === null)
    return {
      range: null,
      wrong: `A page is a number up to ${formatCount(shape.pages)}, or a physical address of the pool such as 0x100000000.`
    }
  if ((from ?? 0) >= (to ?? shape.pages)) return { range: null, wrong: 'The range ends before it begins.' }
  return { range: { ...(from !== undefined && { from }), ...(to !== undefined && { to }) }, wrong: null }
}
