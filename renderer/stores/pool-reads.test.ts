// SPDX-License-Identifier: GPL-2.0-or-later
import { describe, expect, test } from 'vitest'
import type { Allocation, LogEntry } from '@api'
import { Runs } from '../map/runs.ts'
import { atMost, changedSpans, joined, readEntries, replaced, type PageSpan, type Request } from './pool-reads.ts'

const entry = (verb: LogEntry['verb'], page: number, pages: number, sequence = 1): LogEntry => ({
  sequence,
  time: 0,
  bootId: '',
  verb,
  page,
  pages,
  actor: '',
  detail: ''
})

describe('changedSpans', () => {
  test.each<[string, LogEntry[], PageSpan[] | null]>([
    ['an allocation', [entry('allocate', 8, 4)], [{ from: 8, to: 12 }]],
    ['acts side by side', [entry('free', 12, 4), entry('allocate', 8, 4)], [{ from: 8, to: 16 }]],
    ['a smaller allocation, with what it gave back', [entry('resize', 100, 2)], [{ from: 100, to: 110 }]],
    ['nothing that moves a page', [entry('write', 8, 4), entry('snapshot', 0, 0)], []],
    ['a new name of the pool', [entry('rename', 0, 0)], []],
    ['a new name of an allocation', [entry('rename', 8, 4)], [{ from: 8, to: 12 }]],
    ['an act that tells no range', [entry('allocate', 8, 4), entry('repair', 0, 0)], null]
  ])('%s', (_, entries, expected) => {
    expect(changedSpans(entries, (page) => (page === 100 ? 110 : null))).toEqual(expected)
  })
})

test('spans that stand near become one, until there are few enough', () => {
  const spans = [0, 10, 12, 50, 90].map((from) => ({ from, to: from + 1 }))
  expect(joined(spans, 1)).toHaveLength(4)
  expect(atMost(spans, 5)).toBe(spans)
  expect(atMost(spans, 3)).toEqual([
    { from: 0, to: 13 },
    { from: 50, to: 51 },
    { from: 90, to: 91 }
  ])
})

test('the list is replaced where it was read again and nowhere else', () => {
  const list = [2, 10, 20, 30].map((page) => ({ page, pages: 2 }) as Allocation)
  const runs = new Runs(list)
  const found = [[{ page: 11, pages: 1 }], []] as unknown as Allocation[][]
  const spans = [
    { from: 8, to: 14 },
    { from: 28, to: 40 }
  ]
  expect(replaced(list, spans, found, (page) => runs.from(page)).map(({ page }) => page)).toEqual([2, 11, 20])
  expect(replaced(list, [], [], (page) => runs.from(page))).toEqual(list)
})

describe('readEntries', () => {
  /** A log of 2500 entries that keeps the newest so many. */
  const log = (kept: number): Request =>
    ((_: string, { after, before, limit }: { after: number; before?: number; limit: number }) => {
      const entries: LogEntry[] = []
      let at = (before ?? 2501) - 1
      while (at > after && at > 2500 - kept && entries.length < limit) entries.push(entry('free', at, 1, at--))
      return Promise.resolve({ entries, next: at > after && at > 2500 - kept ? at + 1 : null })
    }) as unknown as Request
  const of = { host: 'h', pool: 'p' }

  test.each([
    ['nothing new', 2500, 2500, 0],
    ['a few', 2497, 2500, 3],
    ['more than one answer holds', 100, 2500, 2400],
    ['more than the log kept', 100, 1000, null]
  ])('%s', async (_, after, kept, expected) => {
    expect((await readEntries(log(kept), of, after))?.length ?? null).toBe(expected)
  })
})
