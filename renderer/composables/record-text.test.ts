// SPDX-License-Identifier: GPL-2.0-or-later
import { describe, expect, test } from 'vitest'
import { recordBytes, tooLong } from './record-text.ts'

describe('a text of a record', () => {
  test.each([
    ['', ''],
    ['n'.repeat(63), ''],
    ['n'.repeat(64), 'A name has at most 63 bytes; this one has 64.'],
    ['ä'.repeat(31), ''],
    ['ä'.repeat(32), 'A name has at most 63 bytes; this one has 64 in UTF-8.']
  ])('%s', (text, expected) => {
    expect(tooLong('A name', text, recordBytes.name)).toBe(expected)
  })
})
