// SPDX-License-Identifier: GPL-2.0-or-later
/** What takes several requests to read, and what of the event log says which pages changed. */
import type { Allocation, LogEntry, PageMethod, PageParams, PageResult } from '@api'
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

/** Pages, `to` is one past the last. */
export interface PageSpan {
  readonly from: number
  readonly to: number
}

const atOnce = 10_000 // the most that one allocation/list answers
const entriesAtOnce = 1000 // the most that one log/list answers
const entriesRead = 16_000 // above that the whole list is read again

export async function readCells(
  request: Request,
  of: Of,
  level: number,
  first: number,
  count: number
): Promise<Uint8Array> {
  const { cells } = await request('pool/tiles', { ...of, level, first, count })
  return base64ToBytes(cells)
}

/** One part of the list from a page on; `next` is null at the end. */
export const readPart = (request: Request, of: Of, from: number): Promise<PageResult<'allocation/list'>> =>
  request('allocation/list', { ...of, from, limit: atOnce })

/** All allocations that begin in the span. */
export async function readSpan(request: Request, of: Of, { from, to }: PageSpan): Promise<Allocation[]> {
  const all: Allocation[] = []
  for (let next: number | null = from; next !== null;) {
    const part: PageResult<'allocation/list'> = await request('allocation/list', {
      ...of,
      from: next,
      to,
      limit: atOnce
    })
    for (const each of part.allocations) all.push(each)
    next = part.next
  }
  return all
}

/** The log after a sequence, newest first, as far as it was kept; `whole` is false when there is more than is read. */
export async function readLog(
  request: Request,
  of: Of,
  after: number
): Promise<{ entries: readonly LogEntry[]; whole: boolean }> {
  const entries: LogEntry[] = []
  let before: number | null = null
  do {
    const part: PageResult<'log/list'> = await request('log/list', {
      ...of,
      after,
      limit: entriesAtOnce,
      ...(before !== null && { before })
    })
    for (const entry of part.entries) entries.push(entry)
    before = part.next
  } while (before !== null && entries.length < entriesRead)
  return { entries, whole: before === null }
}

/** What happened after a sequence, newest first; null: more than can be told. */
export async function readEntries(request: Request, of: Of, after: number): Promise<readonly LogEntry[] | null> {
  const { entries, whole } = await readLog(request, of, after)
  const oldest = entries.at(-1)?.sequence
  return whole && (oldest === undefined || oldest === after + 1) ? entries : null
}

/** Acts that leave every page and every record as it was. */
const still: ReadonlySet<LogEntry['verb']> = new Set([
  'write',
  'fill',
  'snapshot',
  'expect',
  'kexec-load',
  'kexec-jump',
  'verdict',
  'test'
])
const withRange: ReadonlySet<LogEntry['verb']> = new Set([
  'allocate',
  'free',
  'rename',
  'relabel',
  'quarantine',
  'release',
  'resize'
])

/** The pages that these acts may have changed, sorted and apart from each other; null: any. */
export function changedSpans(
  entries: readonly LogEntry[],
  endOf: (page: number) => number | null
): readonly PageSpan[] | null {
  const spans: PageSpan[] = []
  for (const { verb, page, pages } of entries) {
    if (still.has(verb)) continue
    if (verb === 'rename' && pages === 0) continue // of the pool: pool/info tells
    if (!withRange.has(verb)) return null
    // a smaller one has given pages back behind its new end
    spans.push({ from: page, to: Math.max(page + Math.max(1, pages), endOf(page) ?? 0) })
  }
  return joined(spans, 0)
}

/** Spans that touch, or stand closer than `gap` pages, as one. */
export function joined(spans: readonly PageSpan[], gap: number): PageSpan[] {
  const all: PageSpan[] = []
  for (const span of spans.toSorted((a, b) => a.from - b.from)) {
    const last = all.at(-1)
    if (last && span.from <= last.to + gap) all[all.length - 1] = { from: last.from, to: Math.max(last.to, span.to) }
    else all.push(span)
  }
  return all
}

/** At most so many spans: those with the smallest gaps between them become one. */
export function atMost(spans: readonly PageSpan[], most: number): readonly PageSpan[] {
  if (spans.length <= most) return spans
  const gaps = spans.slice(1).map((span, index) => span.from - spans[index]!.to)
  const limit = gaps.toSorted((a, b) => a - b)[spans.length - most - 1] ?? 0
  return joined(spans, limit)
}

/** The list with everything that begins in the spans replaced. */
export function replaced(
  list: readonly Allocation[],
  spans: readonly PageSpan[],
  found: readonly (readonly Allocation[])[],
  indexFrom: (page: number) => number
): Allocation[] {
  const all: Allocation[] = []
  let at = 0
  const take = (to: number): void => {
    while (at < to) all.push(list[at++]!)
  }
  spans.forEach(({ from, to }, index) => {
    take(indexFrom(from))
    for (const each of found[index]!) all.push(each)
    at = Math.max(at, indexFrom(to))
  })
  take(list.length)
  return all
}
