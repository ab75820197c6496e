// SPDX-License-Identifier: GPL-2.0-or-later
import { expect, test } from 'vitest'
import { formatAge, formatBytes, formatDuration, formatPages, orderOf, parseSize, parseCount } from './format.ts'

test.each([
  [0, '0 B'],
  [4096, '4 KiB'],
  [1 << 30, '1 GiB'],
  [1.5 * 2 ** 20, '1.5 MiB'],
  [2 ** 50, '1 PiB'],
  [1_000_000, '976.6 KiB']
])('formatBytes(%d) is %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text)
})

test.each([
  ['4096', 4096],
  ['64M', 64 * 2 ** 20],
  ['1.5 GiB', 1.5 * 2 ** 30],
  ['0x10000', 65536],
  ['2 kb', 2048],
  ['', null],
  ['-1', null],
  ['1.0001 KiB', null],
  ['4 pages', null],
  ['99999999999999999999', null],
  ['1e9', null]
])('parseSize(%j) is %j', (text, bytes) => {
  expect(parseSize(text)).toBe(bytes)
})

test.each([
  [1, 0],
  [512, 9],
  [16384, 14],
  [300, null]
])('the order of %d pages is %j', (pages, order) => {
  expect(orderOf(pages)).toBe(order)
})

test('formatPages names the order where there is one', () => {
  expect([1, 300, 512].map(formatPages)).toEqual(['1 page (order 0)', '300 pages', '512 pages (order 9)'])
})

test.each([
  [12, '12 ms'],
  [3210, '3.2 s'],
  [125_000, '2 min 5 s'],
  [3_780_000, '1 h 3 min']
])('formatDuration(%d) is %s', (milliseconds, text) => {
  expect(formatDuration(milliseconds)).toBe(text)
})

test.each([
  [10_000, 'just now'],
  [300_000, '5 min ago'],
  [3 * 3_600_000, '3 h ago'],
  [3 * 86_400_000, '3 d ago']
])('formatAge after %d ms is %s', (age, text) => {
  expect(formatAge(0, age)).toBe(text)
})

test.each([
  ['300', 300],
  [' 1,024 ', 1024],
  ['0x10', 16],
  ['0X1f', 31],
  ['', null],
  ['1.5', null],
  ['-1', null],
  ['0x', null],
  ['1e3', null]
])('the count %j is %j', (text, count) => {
  expect(parseCount(text)).toBe(count)
})
