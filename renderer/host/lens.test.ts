// SPDX-License-Identifier: GPL-2.0-or-later
import { describe, expect, it } from 'vitest'
import { Axis, axisModes } from './axis.ts'
import { itemsOf } from './items.ts'
import { addressAt, carried, fitted, isWhole, panned, revealing, toUnit, whole, xOf, zoomed } from './lens.ts'
import { guest } from './recorded.ts'
import { ticksOf } from './ticks.ts'

const items = itemsOf(guest)
const width = 1200
const gib = 2 ** 30

describe.each(axisModes)('looking at a %s axis', (mode) => {
  const all = whole(new Axis(mode, items, guest.end), width)

  it('begins with the whole address space', () => {
    expect(isWhole(all)).toBe(true)
    expect([addressAt(all, 0), addressAt(all, width)]).toEqual([0, guest.end])
  })

  it('zooms at the pointer: what is under it stays there', () => {
    let lens = all
    const x = xOf(all, 5 * gib) + 1
    const unit = toUnit(lens, x)
    for (let step = 0; step < 10; step++) lens = zoomed(lens, 0.7, x)
    expect(toUnit(lens, x)).toBeCloseTo(unit, 6)
    expect(lens.span).toBeLessThan(all.span / 30)
  })

  it('ends at one page from edge to edge, and at the whole of it', () => {
    const x = xOf(all, 5 * gib + gib / 2)
    const near = zoomed(all, 1e-15, x)
    expect(addressAt(near, width) - addressAt(near, 0)).toBeLessThanOrEqual(4097)
    expect(addressAt(near, width) - addressAt(near, 0)).toBeGreaterThanOrEqual(4095)
    expect(zoomed(near, 1e30, 5)).toEqual(all)
  })

  it('is never moved past an end', () => {
    const near = zoomed(all, 0.25, 600)
    expect(panned(near, -1e9).from).toBe(0)
    const right = panned(near, 1e9)
    expect(right.from + right.span).toBeCloseTo(right.axis.length, 3)
  })

  it('fits a range with room on both sides', () => {
    const lens = fitted(all, 5 * gib, gib)
    expect(xOf(lens, 5 * gib)).toBeGreaterThan(40)
    expect(xOf(lens, 6 * gib)).toBeLessThan(width - 40)
    expect(xOf(lens, 6 * gib) - xOf(lens, 5 * gib)).toBeGreaterThan(width * 0.8)
  })

  it('moves to a range only as far as it has to', () => {
    const lens = fitted(all, 4 * gib, gib / 4)
    expect(revealing(lens, 4 * gib, 4096)).toBe(lens)
    const moved = revealing(lens, 5 * gib + 8192, 4096)
    expect(moved.span).toBe(lens.span)
    expect(xOf(moved, 5 * gib + 8192)).toBeGreaterThan(0)
    expect(xOf(moved, 5 * gib + 12288)).toBeLessThanOrEqual(width)
  })

  it('keeps its addresses on the other axis and in another width', () => {
    const lens = fitted(all, 5 * gib, gib)
    for (const other of axisModes) {
      const same = carried(lens, new Axis(other, items, guest.end), 700)
      expect(same.width).toBe(700)
      expect(addressAt(same, 0) / addressAt(lens, 0)).toBeCloseTo(1, 6)
    }
    expect(isWhole(carried(all, new Axis('folded', items, guest.end), 700))).toBe(true)
  })

  it('labels its ruler without one label over another', () => {
    for (const lens of [all, fitted(all, 5 * gib, gib), fitted(all, 0x1000, 0x9f000), zoomed(all, 1e-15, 900)]) {
      const ticks = ticksOf(lens)
      expect(ticks.length).toBeGreaterThan(0)
      let free = -Infinity
      for (const { x, label } of ticks) {
        expect(x).toBeGreaterThanOrEqual(free)
        free = x + label.length * 6.7
      }
    }
  })
})

it('labels round addresses inside a long stretch', () => {
  const lens = fitted(whole(new Axis('linear', items, guest.end), width), 5 * gib, gib)
  expect(ticksOf(lens).map(({ label }) => label)).toContain('0x150000000')
})
