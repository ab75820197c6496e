// SPDX-License-Identifier: GPL-2.0-or-later
import { expect, test } from 'vitest'
import { checkRange } from './pool-range.ts'

const MiB = 1 << 20
const region = { size: 64 * MiB, grain: 4096 }

test.each([
  ['', '', 0, 64 * MiB],
  ['16M', '', 16 * MiB, 48 * MiB],
  ['16 MiB', '0x100000', 16 * MiB, MiB],
  ['0', '64M', 0, 64 * MiB]
])('offset %j and size %j are accepted', (offsetText, sizeText, offset, size) => {
  expect(checkRange(region, offsetText, sizeText)).toEqual({
    range: { offset, size, toEnd: sizeText === '' },
    wrong: null
  })
})

test('what is left needs not be a multiple of the grain', () => {
  expect(checkRange({ size: 5 * MiB, grain: 2 * MiB }, '2M', '').range).toMatchObject({ size: 3 * MiB })
})

test.each([
  ['x', '', /offset is no size/],
  ['', 'many', /size is no size/],
  ['100', '', /offset has to be a multiple of 4 KiB/],
  ['', '1000001', /size has to be a multiple of 4 KiB/],
  ['64M', '', /past the end/],
  ['60M', '8M', /Only 4 MiB are left/],
  ['', '64K', /at least 1 MiB/]
])('offset %j and size %j are refused', (offset, size, why) => {
  expect(checkRange(region, offset, size).wrong).toMatch(why)
})
