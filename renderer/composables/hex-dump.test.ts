// SPDX-License-Identifier: GPL-2.0-or-later
import { expect, test } from 'vitest'
import { hexDump } from './hex-dump.ts'

test('a dump shows offset, bytes and characters, a short last line too', () => {
  expect(hexDump(new TextEncoder().encode('\x00hello ~\x7fAB'))).toBe(
    ['0000  00 68 65 6c 6c 6f 20 7e  ·hello ~', '0008  7f 41 42                 ·AB'].join('\n')
  )
})

test('of nothing there is nothing to show', () => {
  expect(hexDump(new Uint8Array())).toBe('')
})
