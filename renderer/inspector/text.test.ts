// SPDX-License-Identifier: GPL-2.0-or-later
import { expect, test } from 'vitest'
import { bytesToText, textCells, textToBytes, type Encoding } from './text.ts'

const utf8 = new TextEncoder()
/** The cells of `count` bytes from `from` on; "_" where a character goes on. */
function cells(bytes: Uint8Array, from: number, count: number, encoding: Encoding): string {
  return textCells((at) => bytes[at] ?? -1, from, count, encoding)
    .map(({ text }) => text || '_')
    .join('')
}

test.each([
  ['ascii', Uint8Array.of(0x41, 0, 0x7e, 0x7f, 0x80, 0xff), 'A·~···'],
  ['utf-8', utf8.encode('aö€😀b'), 'aö_€__😀___b'],
  ['utf-8', Uint8Array.of(0x61, 0xc3, 0x61, 0x80, 0xe2, 0x82), 'a·a···'], // cut off, and alone
  ['utf-8', Uint8Array.of(0xc0, 0x80, 0xed, 0xa0, 0x80, 0xf5), '······'], // too long, a surrogate, too far
  ['utf-8', utf8.encode('a\u0301\u202e'), 'a·····'], // what would join or turn round
  ['utf-16le', textToBytes('aö', 'utf-16le'), 'a_ö_']
] as const)('%s of %j', (encoding, bytes, shown) => {
  expect(cells(bytes, 0, bytes.length, encoding)).toBe(shown)
})

test('a character over the end of a row goes on in the next', () => {
  const bytes = utf8.encode('ab€c')
  expect(cells(bytes, 0, 3, 'utf-8')).toBe('ab€')
  expect(cells(bytes, 3, 3, 'utf-8')).toBe('__c')
  expect(cells(bytes, 4, 2, 'utf-8')).toBe('_c')
})

test('bytes that are not known are blank', () => {
  expect(cells(new Uint8Array(), 0, 4, 'utf-8')).toBe('    ')
  expect(cells(new Uint8Array(), 0, 4, 'ascii')).toBe('    ')
})

test('text goes and comes back', () => {
  for (const encoding of ['utf-8', 'utf-16le'] as const)
    expect(bytesToText(textToBytes('größer 😀', encoding), encoding)).toBe('größer 😀')
})
