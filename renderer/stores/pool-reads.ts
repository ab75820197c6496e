// SPDX-License-Identifier: GPL-2.0-or-later
/** What takes several requests to read, as one. */
import type { Allocation, PageMethod, PageParams, PageResult } from '@api'
import type { RequestOptions } from '@api/client.ts'
import { base64ToBytes } from '../composables/base64.ts'

export type Request = <M extends PageMethod>(
  method: M,
  params: PageParams<M>,
  options?: RequestOptions
) => Promise<PageResult<M>>

interface Of {
  readonly host: string
  readonly pool: string
}

const atOnce = 10_000 // the most that one allocation/list answers

/** All page states of a pool, two bits each. */
export async function readMap(request: Request, of: Of): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let first = 0
  for (;;) {
    const { count, states } = await request('pool/map', { ...of, first })
    parts.push(base64ToBytes(states))
    first += count
    if (count === 0 || count % 32 !== 0 || count < mapPages) break
  }
  return parts.length === 1 ? parts[0]! : joined(parts)
}

const mapPages = 1 << 24 // the most that one pool/map answers

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

export async function readAllocations(request: Request, of: Of): Promise<Allocation[]> {
  const all: Allocation[] = []
  let from: number | null = 0
  while (from !== null) {
    const part: PageResult<'allocation/list'> = await request('allocation/list', { ...of, from, limit: atOnce })
    all.push(...part.allocations)
    from = part.next
  }
  return all
}
