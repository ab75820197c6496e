// SPDX-License-Identifier: GPL-2.0-or-later
/** A verdict or a comparison as page kinds, so that the map draws it: what was expected, and over it what changed. */
import type { ChangedRun } from '@api'
import { BAD, classifyPages, FREE, METADATA, NAMED, type PoolShape } from './pages.ts'

interface Expected {
  readonly page: number
  readonly pages: number
}

export function changedKinds(
  shape: PoolShape,
  expected: readonly Expected[],
  runs: readonly Pick<ChangedRun, 'page' | 'pages'>[]
): Uint8Array {
  const kinds = classifyPages(new Uint8Array(Math.ceil(shape.pages / 4)), shape, [])
  const fill = (page: number, pages: number, kind: number): void => {
    kinds.fill(kind, Math.min(page, shape.pages), Math.min(page + pages, shape.pages))
  }
  for (const { page, pages } of expected) fill(page, pages, NAMED)
  for (const { page, pages } of runs) fill(page, pages, BAD)
  return kinds
}

export const changedLegend = [
  [BAD, 'changed'],
  [NAMED, 'expected, in a record'],
  [METADATA, 'metadata'],
  [FREE, 'other pages']
] as const
