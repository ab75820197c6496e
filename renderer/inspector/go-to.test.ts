// SPDX-License-Identifier: GPL-2.0-or-later
import { expect, test } from 'vitest'
import { parseGoal } from './go-to.ts'
import { PoolSpace } from './space.ts'

const space = new PoolSpace({
  pages: 1024,
  regions: [{ firstPage: 0, pages: 1024, base: 0x1_0000_0000, dataFirst: 2, dataEnd: 1024, directory: [], error: null }]
})
const allocations = [
  { page: 5, record: { name: 'state' } },
  { page: 6, record: null },
  { page: 9, record: { name: '12' } }
]

test.each([
  ['0x100000040', 0x40, 'address 0x100000040'],
  ['0x100001', 4096, 'pfn 0x100001'],
  ['0x2000', 0x2000, 'offset 0x2000'],
  ['10000004a', 0x4a, 'address 0x10000004a'],
  ['7', 7 * 4096, 'page 7'],
  ['1,000', 1000 * 4096, 'page 1,000'],
  ['page 0x10', 16 * 4096, 'page 16'],
  ['page 3 + 0x10', 3 * 4096 + 16, 'page 3 + 0x10'],
  ['pfn 0x100002', 2 * 4096, 'pfn 0x100002'],
  ['offset 100', 100, 'offset 0x64'],
  ['Address: 0x100000001', 1, 'address 0x100000001'],
  ['+0x10', 1016, '+0x10 from the cursor'],
  ['-1000', 0, '-1000 from the cursor'],
  ['state', 5 * 4096, 'record state'],
  ['STA', 5 * 4096, 'record state'],
  ['12', 9 * 4096, 'record 12']
])('"%s" is offset %d: %s', (text, offset, as) => {
  expect(parseGoal(text, space, 1000, allocations)).toEqual({ target: { offset, as }, wrong: null })
})

test.each([
  ['', 'An address'],
  ['nothing', 'No record'],
  ['-1001', 'outside'],
  ['page 1024', 'not in the pool'],
  ['0x100000000000', 'not in the pool'],
  ['page 1023 + 0x1000', 'outside']
])('"%s" is refused', (text, why) => {
  expect(parseGoal(text, space, 1000, allocations).wrong).toContain(why)
})
