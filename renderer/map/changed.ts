// SPDX-License-Identifier: GPL-2.0-or-later
/** A verdict as page kinds, so that the map draws it: what was expected, and over it what has changed. */
import type { Verdict } from '@api'
import { BAD, classifyPages, FREE, METADATA, NAMED, type PoolShape } from './pages.ts'

export function changedKinds(shape: PoolShape, verdict: Pick<Verdict, 'records' | 'changedRuns'>): Uint8Array {
  const kinds = classifyPages(new Uint8Array(Math.ceil(shape.pages / 4)), shape, [])
  const fill = (page: number, pages: number, kind: number): void => {
    kinds.fill(kind, Math.min(page, shape.pages), Math.min(page + pages, shape.pages))
  }
  for (const { page, pages } of verdict.records) fill(page, pages, NAMED)
  for (const { page, pages } of verdict.changedRuns) fill(page, pages, BAD)
  return kinds
}

export const changedLegend = [
  [BAD, 'changed'],
  [NAMED, 'expected, in a record'],
  [METADATA, 'metadata'],
  [FREE, 'other pages']
] as const
