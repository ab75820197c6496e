// SPDX-License-Identifier: GPL-2.0-or-later
import { formatHex, pageBytes } from '../composables/format.ts'
import type { PoolSpace } from './space.ts'
import { entryAddress, pointerValue } from './values.ts'

export interface Pointer {
  readonly offset: number
  readonly text: string
  readonly as: 'address' | 'pfn' | 'page table entry'
}

/** Where eight bytes lead when they are a physical address, or a page frame number, of this pool. */
export function pointersAt(bytes: Uint8Array, little: boolean, space: PoolSpace): Pointer[] {
  const found: Pointer[] = []
  const entry = entryAddress(bytes, little)
  const page = entry === null ? null : space.offsetOf(entry)
  const ofEntry: Pointer[] =
    entry === null || page === null ? [] : [{ offset: page, text: formatHex(entry), as: 'page table entry' }]
  const value = pointerValue(bytes, little)
  if (value === null) return ofEntry
  const address = space.offsetOf(value)
  if (address !== null) found.push({ offset: address, text: formatHex(value), as: 'address' })
  const pfn = value <= Number.MAX_SAFE_INTEGER / pageBytes ? space.offsetOf(value * pageBytes) : null
  if (pfn !== null) found.push({ offset: pfn, text: formatHex(value), as: 'pfn' })
  return [...found, ...ofEntry]
}
