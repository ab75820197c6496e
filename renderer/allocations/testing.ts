// SPDX-License-Identifier: GPL-2.0-or-later
/** Allocations of a pool at 4 GiB, for tests. */
import type { Allocation, RecordInfo } from '@api'

export const poolBase = 0x1_0000_0000

export function allocationOf(page: number, pages: number, record: Partial<RecordInfo> | null = null): Allocation {
  const address = poolBase + page * 4096
  return {
    page,
    pages,
    pfn: address / 4096,
    address,
    record: record && { id: page, name: 'a', owner: '', purpose: '', createdAt: 0, bootId: '', ...record }
  }
}
