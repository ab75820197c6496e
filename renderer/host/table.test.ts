// SPDX-License-Identifier: GPL-2.0-or-later
import { describe, expect, it } from 'vitest'
import { itemsOf } from './items.ts'
import { guest, laptop } from './recorded.ts'
import { columns, filtered, parseAddress, sorted } from './table.ts'

const items = itemsOf(guest)
const none = new Set<never>()

describe('the table of ranges', () => {
  it.each(columns)('sorts by %s and back, and loses nothing', (by) => {
    const up = sorted(items, { by, down: false })
    expect(up).toHaveLength(items.length)
    expect(sorted(items, { by, down: true })).toEqual(up.toReversed())
  })

  it('by address has a parent before its children', () => {
    const list = sorted(itemsOf(laptop), { by: 'address', down: false }).filter(({ lane }) => lane === 'kernel')
    const at = (name: string): number => list.findIndex((item) => item.name === name)
    expect(at('PCI Bus 0000:04')).toBeLessThan(at('PCI Bus 0000:05'))
    expect(at('PCI Bus 0000:05')).toBeLessThan(at('thunderbolt'))
  })

  it.each([
    ['words', 'kernel code', ['Kernel code']],
    ['an address', '0x150000000', ['Reserved', 'System RAM', 'System RAM → Reserved', 'memmap=1G$0x140000000']],
    ['a page frame number', 'pfn 0x150000', ['Reserved', 'System RAM', 'System RAM → Reserved']],
    ['who tells it', 'command line pmem', []],
    ['nothing that is there', 'zzz', []]
  ])('filters by %s', (_name, text, names) => {
    const found = filtered(items, text, none).map(({ name }) => name)
    expect(found).toEqual(expect.arrayContaining(names))
    if (names.length === 0) expect(found).toEqual([])
  })

  it('leaves out what the legend hides', () => {
    expect(filtered(items, '', new Set(['ram'] as const)).some(({ kind }) => kind === 'ram')).toBe(false)
  })
})

describe('an address as it is typed', () => {
  it.each([
    ['0x140000000', 0x140000000],
    ['0x1_4000_0000', 0x140000000],
    ['pfn 0x140000', 0x140000000],
    ['pfn1310720', 0x140000000],
    ['4096', 4096],
    ['5G', null],
    ['', null],
    ['0xffffffffffffffff', null]
  ])('%j', (text, address) => expect(parseAddress(text)).toBe(address))
})
