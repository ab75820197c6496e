// SPDX-License-Identifier: GPL-2.0-or-later
/** The next place where live memory is not what it is held against. */
import { cancelled } from '@api/failure.ts'
import type { HeldBytes, ReadBytes } from './bytes-cache.ts'
import { readMost } from './limits.ts'
import type { Extent } from './space.ts'

export interface Difference {
  readonly offset: number
  readonly length: number
}

export interface DifferenceSearch {
  readonly live: ReadBytes
  readonly held: ReadBytes
  readonly readable: (from: number, to: number) => Extent[]
  /** one past the last offset */
  readonly size: number
  /** the first offset; default 0 */
  readonly start?: number
  readonly signal: AbortSignal
  readonly progress: (done: { done: number; total: number }) => void
  /** bytes at once */
  readonly step?: number
}

/** Runs of bytes that differ, in order; what is not held differs from nothing. */
export function differingRuns(live: Uint8Array, held: HeldBytes, offset: number): Difference[] {
  const absent = new Uint8Array(live.length)
  for (const { offset: from, length } of held.missing)
    absent.fill(1, Math.max(0, from - offset), Math.max(0, from - offset + length))
  const runs: Difference[] = []
  let start = -1
  for (let i = 0; i <= live.length; i++) {
    const differs = i < live.length && absent[i] === 0 && live[i] !== held.bytes[i]
    if (differs && start < 0) start = i
    if (!differs && start >= 0) {
      runs.push({ offset: offset + start, length: i - start })
      start = -1
    }
  }
  return runs
}

const isAllAbsent = ({ bytes, missing }: HeldBytes): boolean =>
  missing.reduce((sum, { length }) => sum + length, 0) >= bytes.length

/** The first differing run at or after `from` (or the last that ends at or before it), reading outward. */
export async function findDifference(
  from: number,
  direction: 'next' | 'previous',
  { live, held, readable, size, start = 0, signal, progress, step = readMost }: DifferenceSearch
): Promise<Difference | null> {
  const total = direction === 'next' ? size - from : from - start
  let at = from
  let open = null as Difference | null // reaches over an edge, when going back
  for (;;) {
    const [low, high] = direction === 'next' ? [at, Math.min(size, at + step)] : [Math.max(start, at - step), at]
    if (low >= high) return open
    if (signal.aborted) throw cancelled()
    progress({ done: direction === 'next' ? at - from : from - at, total })
    const runs: Difference[] = []
    for (const extent of readable(low, high)) {
      const length = extent.to - extent.from
      const expected = await held(extent.from, length)
      if (isAllAbsent(expected)) continue
      runs.push(...differingRuns((await live(extent.from, length)).bytes, expected, extent.from))
    }
    if (direction === 'next') {
      if (runs[0]) return runs[0]
      at = high
      continue
    }
    const last = runs.at(-1)
    if (open && (!last || last.offset + last.length !== open.offset)) return open
    if (last) {
      open = { offset: last.offset, length: last.length + (open?.length ?? 0) }
      if (last.offset > low) return open
    }
    at = low
  }
}

/** The same where it is known which parts can differ at all: sorted, apart from each other. */
export async function findInParts(
  from: number,
  direction: 'next' | 'previous',
  parts: readonly Extent[],
  search: DifferenceSearch
): Promise<Difference | null> {
  const ahead =
    direction === 'next'
      ? parts.filter((part) => part.to > from)
      : parts.filter((part) => part.from < from).toReversed()
  for (const part of ahead) {
    const begin = direction === 'next' ? Math.max(from, part.from) : Math.min(from, part.to)
    const found = await findDifference(begin, direction, { ...search, start: part.from, size: part.to })
    if (found) return found
  }
  return null
}
