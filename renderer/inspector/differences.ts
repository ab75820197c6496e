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

/** Most windows that are read at once: none but the first is needed when that one differs. */
const aheadMost = 4
const firstStep = 1 << 16
/** A run that is longer is told as several. */
const longest = 1 << 20

/** Windows from a place outward, the first one small. */
function* windows(from: number, direction: 'next' | 'previous', start: number, size: number, step: number) {
  let length = Math.min(step, firstStep)
  for (let at = from; direction === 'next' ? at < size : at > start; length = step) {
    const [low, high] = direction === 'next' ? [at, Math.min(size, at + length)] : [Math.max(start, at - length), at]
    yield { low, high }
    at = direction === 'next' ? high : low
  }
}

async function runsIn(low: number, high: number, { live, held, readable }: DifferenceSearch): Promise<Difference[]> {
  const runs: Difference[] = []
  for (const extent of readable(low, high)) {
    const length = extent.to - extent.from
    const expected = await held(extent.from, length)
    if (isAllAbsent(expected)) continue
    runs.push(...differingRuns((await live(extent.from, length)).bytes, expected, extent.from))
  }
  return runs
}

/** The first differing run at or after `from` (or the last that ends at or before it), reading outward. */
export async function findDifference(
  from: number,
  direction: 'next' | 'previous',
  search: DifferenceSearch
): Promise<Difference | null> {
  const { size, start = 0, signal, progress, step = readMost } = search
  const total = direction === 'next' ? size - from : from - start
  const ahead = windows(from, direction, start, size, step)
  const reading: { low: number; high: number; runs: Promise<Difference[]> }[] = []
  let open = null as Difference | null // reaches over the edge of what was read
  for (let atOnce = 1; ; atOnce = Math.min(aheadMost, atOnce + 1)) {
    if (signal.aborted) throw cancelled()
    while (reading.length < atOnce) {
      const { value } = ahead.next()
      if (!value) break
      const runs = runsIn(value.low, value.high, search)
      runs.catch(() => undefined) // told when its turn comes, if it does
      reading.push({ ...value, runs })
    }
    const first = reading.shift()
    if (!first) return open
    progress({ done: direction === 'next' ? first.low - from : from - first.high, total })
    const runs = await first.runs
    const joined = direction === 'next' ? joinedNext(open, runs, first.high) : joinedBefore(open, runs, first.low)
    if (joined.whole) return joined.run
    open = joined.run
  }
}

interface Joined {
  readonly run: Difference | null
  /** it ends inside what was read, or is long enough */
  readonly whole: boolean
}

/** The first run of a window that follows on `open`, which reaches to its start; `high` is where the window ends. */
function joinedNext(open: Difference | null, runs: readonly Difference[], high: number): Joined {
  const [next] = runs
  if (open && next?.offset !== open.offset + open.length) return { run: open, whole: true }
  if (!next) return { run: null, whole: false }
  const run = { offset: open?.offset ?? next.offset, length: next.length + (open?.length ?? 0) }
  return { run, whole: run.offset + run.length < high || run.length >= longest }
}

function joinedBefore(open: Difference | null, runs: readonly Difference[], low: number): Joined {
  const last = runs.at(-1)
  if (open && (!last || last.offset + last.length !== open.offset)) return { run: open, whole: true }
  if (!last) return { run: null, whole: false }
  const run = { offset: last.offset, length: last.length + (open?.length ?? 0) }
  return { run, whole: run.offset > low || run.length >= longest }
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
