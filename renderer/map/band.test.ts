// SPDX-License-Identifier: GPL-2.0-or-later
import { expect, test } from 'vitest'
import { Band } from './band.ts'
import { paintCells, type Picture } from './cells.ts'
import { cellFlags } from './cell-flags.ts'
import { Runs } from './runs.ts'

/** A picture in which cells differ, and the cells that it was asked for. */
function make(): { picture: Picture; asked: [first: number, count: number][] } {
  const asked: [number, number][] = []
  const none = new Runs([])
  const tints = Uint32Array.of(0xff000010, 0xff000020, 0xff000030, 0xff000040)
  const picture: Picture = {
    flags: (_, first, count) => {
      asked.push([first, count])
      return Uint8Array.from({ length: count * 2 }, (_, at) =>
        at % 2 ? 255 : [cellFlags.free, cellFlags.bad, cellFlags.metadata][(first + at / 2) % 3]!
      )
    },
    allocations: { starts: none.starts, ends: none.ends, categories: new Uint8Array(0), reaching: () => 0 },
    over: null,
    tints: { colours: tints, dimmed: tints, shown: new Uint8Array(4).fill(1) }
  }
  return { picture, asked }
}

test.each([
  ['down', 110, 210, [[200, 10]]],
  ['up', 90, 190, [[90, 10]]],
  ['nowhere', 100, 200, []],
  [
    'to a larger view',
    90,
    220,
    [
      [90, 10],
      [200, 20]
    ]
  ],
  ['far away', 1000, 1100, [[1000, 100]]]
] as [string, number, number, [number, number][]][])(
  'going %s paints only what came into view',
  (_, first, end, painted) => {
    const { picture, asked } = make()
    const band = new Band()
    band.paint(picture, 1, 0, 100, 200)
    asked.length = 0
    const { colours, flags } = band.paint(picture, 1, 0, first, end)
    expect(asked).toEqual(painted)
    expect({ colours, flags }).toEqual(paintCells(picture, 0, first, end - first))
  }
)

test('another turn, level or picture paints all of it', () => {
  const { picture, asked } = make()
  const band = new Band()
  band.paint(picture, 1, 0, 100, 200)
  band.paint(picture, 2, 0, 100, 200)
  band.paint(picture, 2, 1, 100, 200)
  const other = make()
  band.paint(other.picture, 2, 1, 100, 200)
  expect([asked.length, other.asked.length]).toEqual([3, 1])
})
