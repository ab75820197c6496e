// SPDX-License-Identifier: GPL-2.0-or-later
/** The address column. */
import { pageBytes } from '../composables/format.ts'
import type { AddressKind } from '../stores/inspector.ts'
import type { PoolSpace } from './space.ts'

export const addressTitles: Record<AddressKind, string> = {
  physical: 'Physical address',
  page: 'Page + offset',
  offset: 'Offset in the pool'
}

const hexDigits = (value: number): number => value.toString(16).length

/** Characters that the widest address takes. */
export function addressChars(space: PoolSpace, kind: AddressKind): number {
  if (kind === 'page') return Math.max(5, String(Math.ceil(space.size / pageBytes)).length) + 4
  if (kind === 'offset') return Math.max(8, hexDigits(space.size))
  return Math.max(8, ...space.segments.map(({ base, from, to }) => (base === null ? 0 : hexDigits(base + (to - from)))))
}

/** Of a row; in a gap there is no physical address. */
export function addressText(space: PoolSpace, kind: AddressKind, offset: number): string {
  if (kind === 'page') {
    return `${Math.floor(offset / pageBytes)}+${(offset % pageBytes).toString(16).padStart(3, '0')}`
  }
  const value = kind === 'offset' ? offset : space.addressOf(offset)
  return value === null ? '' : value.toString(16).padStart(addressChars(space, kind), '0')
}
