// SPDX-License-Identifier: GPL-2.0-or-later
/** Allocations as a sentence names them. */
import type { Allocation } from '@api'
import { formatBytes, formatCount, pageBytes, plural } from '../composables/format.ts'

export interface Sums {
  readonly count: number
  readonly pages: number
  readonly bytes: number
}

export function sumsOf(list: readonly Allocation[]): Sums {
  let pages = 0
  for (const each of list) pages += each.pages
  return { count: list.length, pages, bytes: pages * pageBytes }
}

/** “ring” */
export const oneText = ({ record, page }: Allocation): string =>
  record ? `“${record.name}”` : `the unnamed allocation at page ${formatCount(page)}`

/** “ring”, or: 5 allocations */
export const chosenText = (list: readonly Allocation[]): string =>
  list.length === 1 ? oneText(list[0]!) : plural(list.length, 'allocation')

export const sumsText = ({ pages, bytes }: Sums): string => `${plural(pages, 'page')}, ${formatBytes(bytes)}`
