// SPDX-License-Identifier: GPL-2.0-or-later
import { formatHex, pageBytes } from '../composables/format.ts'
import type { PoolSpace } from './space.ts'
import { pointerValue } from './values.ts'

export interface Pointer {
  readonly offset: number
  readonly text: string
  readonly as: 'address' | 'pfn'
}

/** Where eight bytes lead when they are a physical address, or a page frame number, of this pool. */
export function pointersAt(bytes: Uint8Array, little: boolean, space: PoolSpace): Pointer[] {
  const value = pointerValue(bytes, little)
  if (value === null) return []
  const found: Pointer[] = []
  const address = space.offsetOf(value)
  if (address !== null) found.push({ offset: address, text: formatHex(value), as: 'address' })
  const pfn = value <= Number.MAX_SAFE_INTEGER / pageBytes ? space.offsetOf(value * pageBytes) : null
  if (pfn !== null) found.push({ offset: pfn, text: formatHex(value), as: 'pfn' })
  return found
}
