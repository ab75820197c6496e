// SPDX-License-Identifier: GPL-2.0-or-later
import { expect, test } from 'vitest'
import { pointersAt } from './pointers.ts'
import { PoolSpace } from './space.ts'

const space = new PoolSpace({
  pages: 1024,
  regions: [{ firstPage: 0, pages: 1024, base: 0x1_0000_0000, dataFirst: 2, dataEnd: 1024, directory: [], error: null }]
})

test.each([
  [0x1_0000_2010n, [['address', 0x2010]]],
  [0x10_0003n, [['pfn', 0x3000]]],
  [
    0x1_0000_2063n,
    [
      ['address', 0x2063],
      ['page table entry', 0x2000]
    ]
  ],
  [0x8000_0001_0000_5067n, [['page table entry', 0x5000]]], // no execute
  [0x8000_0001_0000_5066n, []], // not there
  [0xffff_ffff_ffff_ffffn, []],
  [0n, []]
])('%s leads to %j', (value, found) => {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, value, true)
  expect(pointersAt(bytes, true, space).map(({ as, offset }) => [as, offset])).toEqual(found)
})
