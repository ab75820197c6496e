// SPDX-License-Identifier: GPL-2.0-or-later
import { expect, test } from 'vitest'
import { HexLayout, widestRow } from './layout.ts'

const wish = { addressChars: 9, grouping: 1, beside: false } as const

test.each([
  [1, [0, 3, 6, 25]],
  [2, [0, 2, 5, 21]],
  [4, [0, 2, 4, 19]],
  [8, [0, 2, 4, 17]]
] as const)('in groups of %d the bytes 0, 1, 2 and 8 stand at %j', (grouping, at) => {
  const layout = new HexLayout({ ...wish, grouping, bytesPerRow: 16 })
  expect([0, 1, 2, 8].map((byte) => layout.inHex(byte))).toEqual(at)
})

test.each([false, true])('each place that a byte is drawn at is that byte, second side: %s', (beside) => {
  for (const bytesPerRow of [8, 16, 32]) {
    for (const grouping of [1, 2, 4, 8] as const) {
      const layout = new HexLayout({ ...wish, grouping, bytesPerRow, beside })
      for (const side of layout.sides) {
        for (let byte = 0; byte < bytesPerRow; byte++) {
          const hex = layout.hexStart(side) + layout.inHex(byte)
          expect(layout.hit(hex + 0.5)).toEqual({ column: 'hex', side, byte, low: false })
          expect(layout.hit(hex + 1.5)).toEqual({ column: 'hex', side, byte, low: true })
          expect(layout.hit(layout.textStart(side) + byte + 0.5)).toEqual({ column: 'text', side, byte, low: false })
        }
      }
    }
  }
})

test('far left is the first byte, far right the last of the text', () => {
  const layout = new HexLayout({ ...wish, bytesPerRow: 16 })
  expect(layout.hit(-5)).toMatchObject({ column: 'hex', byte: 0 })
  expect(layout.hit(500)).toMatchObject({ column: 'text', byte: 15 })
})

test.each([
  [40, false, 8],
  [88, false, 8],
  [89, false, 16],
  [159, false, 32],
  [120, true, 8],
  [146, true, 16]
])('%d characters hold, second side %s, %d bytes a row', (chars, beside, bytes) => {
  expect(widestRow(chars, { ...wish, beside })).toBe(bytes)
})
