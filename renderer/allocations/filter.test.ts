// SPDX-License-Identifier: GPL-2.0-or-later
import { expect, test } from 'vitest'
import { allocationOf as of } from './testing.ts'
import { filterForms, parseFilter } from './filter.ts'

const now = Date.UTC(2026, 10, 22)
const hour = 3_600_000
const [running, earlier] = ['3f2a0000-0000-4000-8000-000000000001', '77770000-0000-4000-8000-000000000002']
const list = [
  of(16, 1),
  of(512, 512, {
    name: 'dma ring',
    owner: 'vfio',
    purpose: 'PCI 0000:3b:00.0',
    createdAt: now - hour,
    bootId: running
  }),
  of(1024, 300, { name: 'Console', owner: '', purpose: '', createdAt: now - 50 * hour, bootId: earlier }),
  of(4096, 1024, {
    name: 'a+b',
    owner: 'vfio-user',
    purpose: 'ring of a DMA',
    createdAt: now - 8 * hour,
    bootId: earlier
  })
]
const found = (text: string): number[] => {
  const { tests } = parseFilter(text, { now, bootId: running })
  return list.filter((each) => tests.every((holds) => holds(each))).map(({ page }) => page)
}
const wrong = (text: string): string | null => parseFilter(text, { now, bootId: running }).wrong

test.each([
  ['', [16, 512, 1024, 4096]],
  ['dma ring', [512, 4096]],
  ['"dma ring"', [512]],
  ['console', [1024]],
  ['a+b', [4096]],
  ['3b:00.0', [512]],
  ['0000:3b:00.0', [512]],
  ['512', [512]],
  ['4,096', [4096]],
  ['0x100200000', [512]],
  ['owner:vfio', [512, 4096]],
  ['owner:=vfio', [512]],
  ['owner:=""', [1024]],
  ['name:"dma ring"', [512]],
  ['purpose:DMA', [4096]],
  ['order:>=9', [512, 4096]],
  ['order:8', []], // 300 pages have none
  ['order:>8', [512, 1024, 4096]],
  ['pages:300', [1024]],
  ['pages:300..512', [512, 1024]],
  ['page:>=0x400', [1024, 4096]],
  ['pfn:0x100010', [16]],
  ['size:>1M', [512, 1024, 4096]],
  ['size:<=4K', [16]],
  ['address:>=0x100400000', [1024, 4096]],
  ['age:<1d', [512, 4096]],
  ['age:>1d', [1024]],
  ['age:2h..1w', [1024, 4096]],
  ['boot:running', [512]],
  ['boot:earlier', [1024, 4096]],
  ['boot:7777', [1024, 4096]],
  ['unnamed', [16]],
  ['named', [512, 1024, 4096]],
  ['"unnamed"', []],
  ['-owner:vfio', [16, 1024]],
  ['-unnamed -ring', [1024]],
  ['OWNER:VFIO size:>2M', [4096]]
])('%j finds %j', (text, pages) => {
  expect(wrong(text)).toBeNull()
  expect(found(text)).toEqual(pages)
})

test.each([
  ['size:>1Q', 'size:>1Q: A size is written as size:>1M. It is left out.'],
  ['pages:many', /whole number/],
  ['order:>', /An order is a number/],
  ['age:1d', /An age is compared/],
  ['boot:latest', /running, earlier/],
  ['colour:red', /There is no condition colour:; write "colour:red"/]
])('%j is refused', (text, why) => {
  expect(wrong(text)).toMatch(why)
})

test('what is right of a filter that is wrong in part holds', () => {
  expect(found('vfio size:>1Q')).toEqual([512, 4096])
})

test.each(filterForms)('the help says %s, and it is understood', (form) => {
  expect(wrong(form)).toBeNull()
})
