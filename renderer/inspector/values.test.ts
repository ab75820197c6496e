// SPDX-License-Identifier: GPL-2.0-or-later
import { expect, test } from 'vitest'
import { decodeValue, encodeValue, pointerValue, type ValueKind } from './values.ts'

const bytes = (hex: string): Uint8Array => Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16))

test.each<[ValueKind, string, boolean, string | null]>([
  ['bits', 'a5', true, '1010 0101'],
  ['u8', 'ff', true, '255'],
  ['i8', 'ff', true, '-1'],
  ['u16', '0102', true, '513'],
  ['u16', '0102', false, '258'],
  ['i16', 'feff', true, '-2'],
  ['u32', 'ffffffff', true, '4294967295'],
  ['i32', 'ffffffff', false, '-1'],
  ['u64', 'ffffffffffffffff', true, '18446744073709551615'],
  ['i64', 'feffffffffffffff', true, '-2'],
  ['f16', '003c', true, '1'],
  ['f16', '7c00', false, 'Infinity'],
  ['f16', '0001', false, '5.960464477539063e-8'],
  ['f32', 'cdcccc3d', true, '0.100000001'],
  ['f64', '3ff8000000000000', false, '1.5'],
  ['time32', '00000000', true, '1970-01-01 00:00:00Z'],
  ['time32', 'ffffffff', true, '1969-12-31 23:59:59Z'],
  ['time64', '00f15365000000ff', true, 'out of range'],
  ['ms', 'e803000000000000', true, '1970-01-01 00:00:01Z'],
  ['ns', '0100000000000000', true, '1970-01-01 00:00:00.000000001Z'],
  ['ns', 'ffffffffffffffff', true, '1969-12-31 23:59:59.999999999Z'],
  ['filetime', '00803ed5deb19d01', true, '1970-01-01 00:00:00Z'],
  ['uuid', '00112233445566778899aabbccddeeff', false, '00112233-4455-6677-8899-aabbccddeeff'],
  ['uuid', '00112233445566778899aabbccddeeff', true, '33221100-5544-7766-8899-aabbccddeeff'],
  ['u32', '010203', true, null]
])('%s of %s, little-endian %s: %s', (kind, hex, little, text) => {
  expect(decodeValue(kind, bytes(hex), little)).toBe(text)
})

test.each<[ValueKind, string, boolean, string | null]>([
  ['u16', '258', true, '0201'],
  ['u16', '258', false, '0102'],
  ['u16', '0x0102', false, '0102'],
  ['i8', '-1', true, 'ff'],
  ['u8', '-1', true, null],
  ['i8', '200', true, null],
  ['i8', '0xff', true, 'ff'],
  ['u8', '256', true, null],
  ['u64', '18446744073709551615', true, 'ffffffffffffffff'],
  ['u32', 'abc', true, null],
  ['bits', '1010 0101', true, 'a5'],
  ['bits', '2', true, null],
  ['f32', '1.5', false, '3fc00000'],
  ['f64', '', true, null],
  ['f64', 'x', true, null],
  ['uuid', '0', true, null]
])('%s "%s", little-endian %s, is %s', (kind, text, little, hex) => {
  const found = encodeValue(kind, text, little)
  expect(found && [...found].map((byte) => byte.toString(16).padStart(2, '0')).join('')).toBe(hex)
})

test('what can be typed is what is shown', () => {
  const some = bytes('8123456789abcdef')
  for (const kind of ['bits', 'u8', 'i8', 'u16', 'i16', 'u32', 'i32', 'u64', 'i64', 'f64'] as const) {
    for (const little of [true, false]) {
      const back = encodeValue(kind, decodeValue(kind, some, little) ?? '', little)
      expect(back).toEqual(some.slice(0, back?.length))
    }
  }
})

test('a pointer is taken only where it is exact', () => {
  expect(pointerValue(bytes('4000000001000000'), true)).toBe(0x1_0000_0040)
  expect(pointerValue(bytes('ffffffffffffffff'), true)).toBeNull()
  expect(pointerValue(bytes('00'), true)).toBeNull()
})
