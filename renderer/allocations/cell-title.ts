// SPDX-License-Identifier: GPL-2.0-or-later
import type { Allocation } from '@api'
import { formatTime } from '../composables/format.ts'

/** What a cell does not show: the rest of a text that is cut, the time behind an age. */
export function cellTitle(cell: HTMLElement, { record }: Allocation, bootId: string): string {
  if (record && cell.matches(':last-child'))
    return `${formatTime(record.createdAt)}${record.bootId === bootId ? '' : ', in an earlier boot'}`
  return cell.scrollWidth > cell.clientWidth ? (cell.textContent ?? '') : ''
}
