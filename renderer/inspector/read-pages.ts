// SPDX-License-Identifier: GPL-2.0-or-later
import type { Allocation } from '@api'
import { base64ToBytes } from '../composables/base64.ts'
import type { Request } from '../stores/pool-reads.ts'
import { blockPages, type PageBlock } from './page-facts.ts'

const [allocated, first] = [4, 8]

/** One block of pages: states by pool/tiles, and the allocations in it, the one that reaches in from before too. */
export async function readPages(
  request: Request,
  of: { readonly host: string; readonly pool: string },
  from: number
): Promise<PageBlock> {
  const to = from + blockPages
  const [tiles, list] = await Promise.all([
    request('pool/tiles', { ...of, level: 0, first: from, count: blockPages }),
    request('allocation/list', { ...of, from, to, limit: 10_000 })
  ])
  const cells = base64ToBytes(tiles.cells)
  const flags = Uint8Array.from({ length: cells.length / 2 }, (_, page) => cells[page * 2]!)
  const reachesIn = ((flags[0] ?? 0) & (allocated | first)) === allocated
  const before = reachesIn ? await allocationBefore(request, of, from) : []
  return { flags, allocations: [...before, ...list.allocations] }
}

async function allocationBefore(
  request: Request,
  of: { readonly host: string; readonly pool: string },
  page: number
): Promise<readonly Allocation[]> {
  const { found } = await request('pool/find', { ...of, what: 'allocation', from: page, direction: 'previous' })
  if (!found) return []
  const { allocations } = await request('allocation/list', { ...of, from: found.page, to: found.page + 1, limit: 1 })
  return allocations
}
