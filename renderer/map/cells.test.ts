// SPDX-License-Identifier: GPL-2.0-or-later
import { describe, expect, test } from 'vitest'
import { BAD, firstOwn, FREE, METADATA, paintCells, sweep, UNLISTED, type Marked, type Picture } from './cells.ts'
import { cellFlags } from './cell-flags.ts'
import { Runs } from './runs.ts'

const marked = (...list: [page: number, pages: number, category: number][]): Marked => {
  const runs = new Runs(list.map(([page, pages]) => ({ page, pages })))
  const categories = Uint8Array.from(list, ([, , category]) => category)
  return { starts: runs.starts, ends: runs.ends, categories, reaching: (page) => runs.reaching(page) }
}
const all = (categories: number): Uint8Array => new Uint8Array(categories).fill(1)
const [a, b, c] = [4, 5, 6]

describe('sweep', () => {
  test.each([
    ['the rarest of a cell', marked([0, 6, a], [6, 1, b], [7, 1, a]), 0, 8, [b]],
    ['a run over several cells', marked([2, 13, a]), 0, 4, [a, a, a, a]],
    ['a lone page at the end of a long run', marked([0, 15, a], [15, 1, b]), 0, 8, [a, b]],
    ['only what is in view', marked([0, 8, a], [16, 8, b], [40, 8, c]), 16, 8, [b, 255]],
    ['a run that began before the view', marked([0, 100, a]), 16, 8, [a, a]],
    ['nothing where nothing is', marked(), 0, 8, [255, 255]]
  ])('finds %s', (_, runs, first, perCell, expected) => {
    expect([...sweep(runs, all(8), first, perCell, expected.length)]).toEqual(expected)
  })

  test('what the filter shows comes before what is rarer', () => {
    const shown = all(8)
    shown[b] = 0
    expect([...sweep(marked([0, 6, a], [6, 1, b]), shown, 0, 8, 1)]).toEqual([a])
    shown[a] = 0
    expect([...sweep(marked([0, 6, a], [6, 1, b]), shown, 0, 8, 1)]).toEqual([b])
  })
})

describe('paintCells', () => {
  const { free, metadata, allocated, bad, absent } = cellFlags
  const colours = Uint32Array.from([0x10, 0x20, 0x30, 0x40, 0x50, 0x60], (value) => (0xff000000 | value) >>> 0)
  const dimmed = Uint32Array.from([0x11, 0x21, 0x31, 0x41, 0x51, 0x61], (value) => (0xff000000 | value) >>> 0)
  const paint = (
    flags: [number, number][],
    allocations = marked(),
    over: Marked | null = null,
    shown = all(6)
  ): number[] => {
    const picture: Picture = {
      flags: () => Uint8Array.from(flags.flat()),
      allocations,
      over,
      tints: { colours, dimmed, shown }
    }
    return [...paintCells(picture, 3, 0, flags.length).colours].map((colour) => colour & 0xff)
  }
  const whole = (category: number): number => colours[category]! & 0xff

  test('each state has its colour, and where there is no page or nothing is known there is none', () => {
    expect(
      paint([
        [free, 0],
        [metadata, 255],
        [bad, 255],
        [allocated, 255],
        [absent, 0],
        [0, 0]
      ])
    ).toEqual([whole(FREE), whole(METADATA), whole(BAD), whole(UNLISTED), 0, 0])
  })

  test('a lone bad page is as red as a whole cell of them', () => {
    expect(paint([[free | allocated | bad, 2]], marked([0, 1, firstOwn]))).toEqual([whole(BAD)])
  })

  test('a lone allocated page differs from free ones, less than a full cell does', () => {
    const [lone = 0, full] = paint(
      [
        [free | allocated, 1],
        [allocated, 255]
      ],
      marked([3, 1, firstOwn], [8, 8, firstOwn])
    )
    expect(full).toBe(whole(firstOwn))
    expect(lone).toBeGreaterThan(whole(FREE) + 16)
    expect(lone).toBeLessThan(whole(firstOwn))
  })

  test('what lies over the states comes before all of them', () => {
    expect(paint([[bad | metadata, 255]], marked(), marked([7, 1, firstOwn + 1]))).toEqual([whole(firstOwn + 1)])
  })

  test('a filter dims the others, and finds what it shows beside what is rarer', () => {
    const shown = new Uint8Array(6)
    shown[METADATA] = 1
    expect(
      paint(
        [
          [free | metadata | bad, 255],
          [bad, 255],
          [free, 0]
        ],
        marked(),
        null,
        shown
      )
    ).toEqual([whole(METADATA), dimmed[BAD]! & 0xff, dimmed[FREE]! & 0xff])
  })
})
