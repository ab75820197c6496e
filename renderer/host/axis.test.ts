// SPDX-License-Identifier: GPL-2.0-or-later
import { describe, expect, it } from 'vitest'
import { Axis, axisModes } from './axis.ts'
import { itemsOf } from './items.ts'
import { guest, laptop } from './recorded.ts'

const maps = { guest, laptop }
const kib = 1024
const gib = 2 ** 30

describe.each(Object.entries(maps))('the axis of a %s', (_name, memory) => {
  const items = itemsOf(memory)

  it.each(axisModes)('is without holes and in order, %s', (mode) => {
    const { pieces, length } = new Axis(mode, items, memory.end)
    let [address, unit] = [0, 0]
    for (const { base, size, at, length: long } of pieces) {
      expect([base, at]).toEqual([address, unit])
      expect(long).toBeGreaterThan(0)
      address += size
      unit += long
    }
    expect([address, unit]).toEqual([memory.end, length])
  })

  it.each(axisModes)('leads back to each address, %s', (mode) => {
    const axis = new Axis(mode, items, memory.end)
    for (const { base, size } of items)
      for (const address of [base, base + size, base + Math.floor(size / 8192) * 4096])
        expect(axis.addressOf(axis.unitOf(address))).toBe(address)
  })

  it('folds so that the shortest range of whole pages is no less than a thousandth of it', () => {
    const axis = new Axis('folded', items, memory.end)
    const shortest = items.filter(({ size }) => size >= 4096)
    for (const { base, size } of shortest)
      expect((axis.unitOf(base + size) - axis.unitOf(base)) / axis.length).toBeGreaterThan(1 / 1000)
  })
})

describe('folding', () => {
  const ranges = [
    { base: 0, size: 640 * kib },
    { base: 4 * gib, size: gib },
    { base: 512 * gib, size: 512 * gib }
  ]
  const axis = new Axis('folded', ranges, 1024 * gib)

  it('cuts what nobody names short, and says so', () => {
    const gaps = axis.pieces.filter(({ named }) => !named)
    expect(gaps.map(({ base, cut }) => [base, cut])).toEqual([
      [640 * kib, true],
      [5 * gib, true]
    ])
    expect(new Set(gaps.map(({ length }) => length)).size).toBe(1)
  })

  it('cuts what is very long, and leaves the rest in the order of their sizes', () => {
    const [small, middle, large] = axis.pieces.filter(({ named }) => named)
    expect([small?.cut, middle?.cut, large?.cut]).toEqual([false, false, true])
    expect(small!.length).toBeLessThan(middle!.length)
    expect(middle!.length).toBeLessThan(large!.length)
  })

  it('leaves all of it to scale on a linear axis', () => {
    const linear = new Axis('linear', ranges, 1024 * gib)
    expect(linear.length).toBe(1024 * gib)
    expect(linear.pieces.some(({ cut }) => cut)).toBe(false)
    expect(linear.unitOf(5 * gib)).toBe(5 * gib)
  })

  it('ranges past the end end there', () => {
    expect(new Axis('linear', [{ base: 0, size: 8 * gib }], 4 * gib).length).toBe(4 * gib)
  })
})
