// SPDX-License-Identifier: GPL-2.0-or-later
/** The part of a region that a new pool takes, as it is typed. */
import type { Region } from '@api'
import { formatBytes, formatHex, parseSize } from './format.ts'

export const leastPoolBytes = 1 << 20

export interface Range {
  readonly offset: number
  readonly size: number
  /** no size was typed: whatever is left, also where that is no multiple of the grain */
  readonly toEnd: boolean
}
export type RangeCheck =
  { readonly range: Range; readonly wrong: null } | { readonly range: null; readonly wrong: string }

const wrong = (text: string): RangeCheck => ({ range: null, wrong: text })

/** What the typed offset and size mean in the region, or what is wrong with them. */
export function checkRange(
  { size: whole, grain }: Pick<Region, 'size' | 'grain'>,
  offsetText: string,
  sizeText: string
): RangeCheck {
  const offset = parseSize(offsetText || '0')
  const toEnd = sizeText.trim() === ''
  const size = toEnd ? whole - (offset ?? 0) : parseSize(sizeText)
  if (offset === null) return wrong('The offset is no size: write it as 64M, 0x4000000 or 1.5 GiB.')
  if (size === null) return wrong('The size is no size: write it as 64M, 0x4000000 or 1.5 GiB.')
  if (offset % grain !== 0) return wrong(`The offset has to be a multiple of ${formatBytes(grain)}.`)
  if (!toEnd && size % grain !== 0) return wrong(`The size has to be a multiple of ${formatBytes(grain)}.`)
  if (offset >= whole) return wrong(`The offset lies past the end of the region, which is ${formatBytes(whole)} long.`)
  if (size > whole - offset) return wrong(`Only ${formatBytes(whole - offset)} are left from ${formatHex(offset)} on.`)
  if (size < leastPoolBytes) return wrong(`A pool needs at least ${formatBytes(leastPoolBytes)}.`)
  return { range: { offset, size, toEnd }, wrong: null }
}
