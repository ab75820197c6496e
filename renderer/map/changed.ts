// SPDX-License-Identifier: GPL-2.0-or-later
/** A verdict or a comparison as a picture: what was expected, and over it what changed. Asks nobody. */
import type { ChangedRun } from '@api'
import { cellFlags } from './cell-flags.ts'
import { firstOwn, type Picture } from './cells.ts'
import type { Palette } from './palette.ts'
import type { RegionShape } from './regions.ts'
import { Runs, type Run } from './runs.ts'
import { markedOf, tintsOf, type LegendItem } from './use-picture.ts'

/** Cells of a pool of which nothing but its regions is known, as pool/tiles would answer them. */
export function shapeCells(regions: readonly RegionShape[], level: number, first: number, count: number): Uint8Array {
  const cells = new Uint8Array(count * 2)
  const scale = 2 ** level
  const mark = (from: number, to: number, flag: number): void => {
    const start = Math.max(0, Math.floor(from / scale) - first)
    const end = Math.min(count, Math.ceil(to / scale) - first)
    for (let cell = start; cell < end && from < to; cell++) cells[cell * 2]! |= flag
  }
  for (const { firstPage, pages, dataFirst, dataEnd, error } of regions) {
    if (error) continue
    mark(firstPage, dataFirst, cellFlags.metadata)
    mark(dataFirst, dataEnd, cellFlags.free | cellFlags.allocated)
    mark(dataEnd, firstPage + pages, cellFlags.metadata)
  }
  for (let cell = 0; cell < count; cell++) cells[cell * 2 + 1] = 255
  return cells
}

const sorted = <R extends Run>(runs: readonly R[]): Runs<R> => new Runs(runs.toSorted((a, b) => a.page - b.page))

export function changedLegend({ free, metadata, bad, named }: Palette): readonly LegendItem[] {
  const item = (key: string, title: string, colour: string): LegendItem => ({
    key,
    title,
    colour,
    pages: null,
    count: null
  })
  return [
    item('free', 'other pages', free),
    item('metadata', 'metadata', metadata),
    item('bad', 'bad', bad),
    item('other', 'other pages', free),
    item('expected', 'expected, in a record', named),
    item('changed', 'changed', bad)
  ]
}

export function changedPicture(
  regions: readonly RegionShape[],
  expected: readonly Run[],
  runs: readonly Pick<ChangedRun, 'page' | 'pages'>[],
  palette: Palette
): Picture {
  const [below, above] = [sorted(expected), sorted(runs)]
  return {
    flags: (level, first, count) => shapeCells(regions, level, first, count),
    allocations: markedOf(below, new Uint8Array(below.length).fill(firstOwn)),
    over: markedOf(above, new Uint8Array(above.length).fill(firstOwn + 1)),
    tints: tintsOf(changedLegend(palette), null, palette)
  }
}
