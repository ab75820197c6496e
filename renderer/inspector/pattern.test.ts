// SPDX-License-Identifier: GPL-2.0-or-later
import { expect, test } from 'vitest'
import { parseSearch, type SearchText } from './pattern.ts'

const hex = (some: Uint8Array | null | undefined): string =>
  some ? [...some].map((byte) => byte.toString(16).padStart(2, '0')).join('') : ''
const search = (part: Partial<SearchText>) =>
  parseSearch({ kind: 'hex', text: '', ignoreCase: false, width: 4, little: true, aligned: false, ...part })

test.each([
  ['de ad be ef', 'deadbeef', ''],
  ['DEADBEEF', 'deadbeef', ''],
  ['0xde, 0xad', 'dead', ''],
  ['de ?? ef', 'de00ef', 'ff00ff'],
  ['d? ?e', 'd00e', 'f00f']
])('bytes "%s" are %s under %s', (text, bytes, mask) => {
  const { needle } = search({ text })
  expect([hex(needle?.bytes), hex(needle?.mask)]).toEqual([bytes, mask])
})

test.each([
  ['', 'two digits'],
  ['abc', 'A digit is missing'],
  ['xy', 'Only the digits'],
  ['?? ??', 'At least one digit'],
  ['00'.repeat(4097), 'At most 4096']
])('bytes "%s" are refused', (text, why) => {
  expect(search({ text }).wrong).toContain(why)
})

test.each<[Partial<SearchText>, string, number]>([
  [{ kind: 'text', text: 'aö' }, '61c3b6', 1],
  [{ kind: 'utf-16le', text: 'a' }, '6100', 1],
  [{ kind: 'integer', text: '258' }, '02010000', 1],
  [{ kind: 'integer', text: '0x102', little: false, width: 2, aligned: true }, '0102', 2],
  [{ kind: 'integer', text: '-1', width: 8 }, 'ffffffffffffffff', 1]
])('%j looks for %s at multiples of %d', (part, bytes, align) => {
  const { needle } = search(part)
  expect(hex(needle?.bytes)).toBe(bytes)
  expect(needle?.align).toBe(align)
})

test('case is left out of account for text only', () => {
  expect(search({ kind: 'text', text: 'a', ignoreCase: true }).needle?.ignoreCase).toBe(true)
  expect(search({ text: '61', ignoreCase: true }).needle?.ignoreCase).toBe(false)
  expect(search({ kind: 'integer', text: '256', width: 1 }).wrong).toContain('8 bits')
})
