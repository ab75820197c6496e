// SPDX-License-Identifier: GPL-2.0-or-later
import { describe, expect, test } from 'vitest'
import { cellsPerTile, Tiles } from './tiles.ts'

/** A source that answers when it is told to; each cell's first byte counts how often its pages were changed. */
class Source {
  readonly asked: { level: number; first: number; count: number }[] = []
  readonly changes = new Map<number, number>()
  #waiting: (() => void)[] = []
  fails = false

  readonly read = async (level: number, first: number, count: number): Promise<Uint8Array> => {
    this.asked.push({ level, first, count })
    await new Promise<void>((settle) => this.#waiting.push(settle))
    if (this.fails) throw new Error('gone')
    const cells = new Uint8Array(count * 2).fill(1)
    for (const [page, times] of this.changes) {
      const cell = Math.floor(page / 2 ** level) - first
      if (cell >= 0 && cell < count) cells[cell * 2] = 1 + times
    }
    return cells
  }
  /** Answers everything, also what is asked for after an answer. */
  async settle(): Promise<void> {
    for (let round = 0; round < 50; round++) {
      for (const settle of this.#waiting.splice(0)) settle()
      await Promise.resolve()
    }
  }
}

const pages = 2 ** 28
const make = (size = pages): { source: Source; tiles: Tiles; turns: () => number } => {
  const source = new Source()
  let turns = 0
  const tiles = new Tiles(source.read, size, () => turns++)
  return { source, tiles, turns: () => turns }
}
const flag = (tiles: Tiles, level: number, cell: number): number => tiles.cells(level, cell, 1)[0]!

describe('Tiles', () => {
  test('268 million pages are opened by one request of at most 16,384 cells', async () => {
    const { source, tiles } = make()
    tiles.look([])
    await source.settle()
    expect(source.asked).toEqual([{ level: 14, first: 0, count: 16_384 }])
    expect(flag(tiles, 14, 16_383)).toBe(1)
  })

  test('what is in view is asked for once, neighbours together, few at a time', async () => {
    const { source, tiles } = make()
    const view = { level: 0, first: 100, end: cellsPerTile * 20 }
    tiles.look([view])
    tiles.look([view])
    expect(source.asked.slice(1)).toEqual([0, 4, 8].map((tile) => ({ level: 0, first: tile * 16_384, count: 65_536 })))
    await source.settle()
    const cells = source.asked.slice(1).reduce((sum, { count }) => sum + count, 0)
    expect(cells).toBe(cellsPerTile * 20)
  })

  test('a coarser tile stands in for a finer one that is under way', async () => {
    const { source, tiles } = make()
    source.changes.set(5_000_000, 6)
    tiles.look([])
    await source.settle()
    expect(flag(tiles, 3, Math.floor(5_000_000 / 8))).toBe(7)
    tiles.look([{ level: 3, first: 0, end: 100 }])
    expect(flag(tiles, 3, 50)).toBe(1)
  })

  test('where nothing is known there are zeros', () => {
    expect([...make().tiles.cells(0, 0, 2)]).toEqual([0, 0, 0, 0])
  })

  test('of a tile in view only the cells of a changed range are read again', async () => {
    const { source, tiles, turns } = make(20_000)
    tiles.look([{ level: 0, first: 0, end: 20_000 }])
    await source.settle()
    source.asked.length = 0
    const before = turns()
    source.changes.set(17_000, 1)
    tiles.invalidate(17_000, 17_004)
    await source.settle()
    expect(source.asked).toEqual([
      { level: 1, first: 8500, count: 2 },
      { level: 0, first: 17_000, count: 4 }
    ])
    expect(flag(tiles, 0, 17_000)).toBe(2)
    expect(flag(tiles, 0, 17_001)).toBe(1)
    expect(turns()).toBeGreaterThan(before)
  })

  test('a tile out of view is read again when it comes into view', async () => {
    const { source, tiles } = make()
    tiles.look([{ level: 0, first: 0, end: 10 }])
    await source.settle()
    tiles.look([])
    source.changes.set(3, 1)
    tiles.invalidate(3, 4)
    await source.settle()
    source.asked.length = 0
    tiles.look([{ level: 0, first: 0, end: 10 }])
    await source.settle()
    expect(source.asked).toEqual([{ level: 0, first: 3, count: 1 }])
    expect(flag(tiles, 0, 3)).toBe(2)
  })

  test('a change while a tile is under way makes it be read again', async () => {
    const { source, tiles } = make(100)
    tiles.look([])
    tiles.invalidate(7, 8)
    await source.settle()
    expect(source.asked).toEqual([
      { level: 0, first: 0, count: 100 },
      { level: 0, first: 7, count: 1 }
    ])
  })

  test('after a failure nothing more is asked until it may work again', async () => {
    const { source, tiles } = make(100)
    source.fails = true
    tiles.look([])
    await source.settle()
    tiles.look([])
    await source.settle()
    expect(source.asked).toHaveLength(1)
    source.fails = false
    tiles.invalidateAll(100)
    await source.settle()
    expect(flag(tiles, 0, 0)).toBe(1)
  })

  test('a change that is told of lifts the halt of a failure', async () => {
    const { source, tiles } = make(100)
    source.fails = true
    tiles.look([])
    await source.settle()
    source.fails = false
    tiles.invalidate(5, 6)
    await source.settle()
    expect(flag(tiles, 0, 0)).toBe(1)
  })

  test('a pool that grew is read anew', async () => {
    const { source, tiles } = make(100)
    tiles.look([])
    await source.settle()
    tiles.look([{ level: 0, first: 0, end: 200 }])
    tiles.invalidateAll(200)
    await source.settle()
    expect(flag(tiles, 0, 199)).toBe(1)
  })
})
