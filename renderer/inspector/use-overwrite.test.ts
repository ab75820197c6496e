// SPDX-License-Identifier: GPL-2.0-or-later
import { expect, test } from 'vitest'
import { hexBytes } from './use-overwrite.ts'

test.each([
  ['de ad be ef', [0xde, 0xad, 0xbe, 0xef]],
  ['DEAD', [0xde, 0xad]],
  ['0xde, 0xad,\n', [0xde, 0xad]],
  ['\\x00\\x7f', [0, 0x7f]],
  ['00:1b', [0, 0x1b]],
  ['abc', null],
  ['no', null],
  ['', null]
])('%j is %j', (text, bytes) => {
  expect(hexBytes(text)).toEqual(bytes && Uint8Array.from(bytes))
})
