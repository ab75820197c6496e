// SPDX-License-Identifier: GPL-2.0-or-later
import { expect, test } from 'vitest'
import { copyForm, fileNameOf, kernelSize } from './copy-forms.ts'
import { allocationOf as of } from './testing.ts'

const ring = of(512, 512, { id: 7, name: 'dma ring', owner: 'vfio', purpose: 'x', createdAt: 5, bootId: 'b' })
const text = (id: string, list = [ring], simulate?: string): string => copyForm(list, { pool: 'lab', simulate }, id)

test.each([
  ['address', '0x100200000'],
  ['address-decimal', '4297064448'],
  ['pfn', '0x100200'],
  ['page', '512'],
  ['size', '2097152'],
  ['range', '100200000-1003fffff'],
  ['memmap', 'memmap=2M$0x100200000'],
  ['memmap-grub', 'memmap=2M\\\\\\$0x100200000'],
  ['argument', 'dma_ring=0x100200000,2M'],
  ['gdb-examine', 'x/512gx 0x100200000'],
  ['gdb-dump', 'dump binary memory dma-ring.bin 0x100200000 0x100400000'],
  ['c', '{ .name = "dma ring", .base = 0x100200000ULL, .size = 0x200000ULL },'],
  ['dd', 'dd if=/dev/mem of=dma-ring.bin bs=4096 skip=1049088 count=512'],
  ['pmpool', 'pmpool read lab page:512 dma-ring.bin']
])('%s', (id, expected) => {
  expect(text(id)).toBe(expected)
})

test('several: a line each, JSON a list', () => {
  const list = [ring, of(16, 1)]
  expect(text('address', list)).toBe('0x100200000\n0x100010000')
  expect(text('c', list).split('\n')[1]).toBe('{ .name = "page-16", .base = 0x100010000ULL, .size = 0x1000ULL },')
  expect(JSON.parse(text('json', list))).toEqual([
    { ...ring, size: 0x200000 },
    { ...list[1], size: 4096 }
  ])
  expect(JSON.parse(text('json'))).toMatchObject({ page: 512, record: { name: 'dma ring' } })
})

test('a simulated host has its memory in a file', () => {
  expect(text('dd', [ring], '/tmp/my lab/simulated/')).toContain("if='/tmp/my lab/simulated/dev/mem'")
  expect(text('pmpool', [ring], '/srv/sim')).toBe('pmpool --simulate /srv/sim read lab page:512 dma-ring.bin')
})

test('names that are no file names, and C strings that would end too early', () => {
  expect(fileNameOf(of(3, 1, { name: '../../etc/passwd' }))).toBe('etc-passwd.bin')
  expect(fileNameOf(of(3, 1, { name: '…' }))).toBe('page-3.bin')
  expect(text('c', [of(3, 1, { name: 'a"b\\c' })])).toContain('.name = "a\\"b\\\\c"')
})

test.each([
  [4096, '4K'],
  [300 * 4096, '1200K'],
  [2 ** 21, '2M'],
  [3 * 2 ** 30, '3G'],
  [2 ** 40, '1T']
])('%d bytes are %s', (bytes, expected) => {
  expect(kernelSize(bytes)).toBe(expected)
})
