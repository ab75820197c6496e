// SPDX-License-Identifier: GPL-2.0-or-later
import { expect, test } from 'vitest'
import { encodeValue, halfBits } from './encode-values.ts'
import { decodeValue, pointerValue, valueKinds, type ValueKind } from './values.ts'

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
  ['filetime', '01803ed5deb19d01', true, '1970-01-01 00:00:00.0000001Z'],
  ['f64', '8000000000000000', false, '-0'],
  ['uuid', '00112233445566778899aabbccddeeff', false, '00112233-4455-6677-8899-aabbccddeeff'],
  ['uuid', '00112233445566778899aabbccddeeff', true, '00112233-4455-6677-8899-aabbccddeeff'],
  ['bf16', '803f', true, '1'],
  ['bf16', 'c0a0', false, '-5'],
  ['leb128', 'e58e26', true, '624485 (3 B)'],
  ['leb128', '8080', true, null],
  ['leb128', 'ffffffffffffffffff02', true, null],
  ['guid', '00112233445566778899aabbccddeeff', false, '33221100-5544-7766-8899-aabbccddeeff'],
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
  ['f16', '1', true, '003c'],
  ['f16', '-2', false, 'c000'],
  ['f16', '65504', false, '7bff'],
  ['f16', '1e9', false, '7c00'],
  ['f16', '-inf', false, 'fc00'],
  ['f16', '5.960464477539063e-8', false, '0001'],
  ['f16', 'x', false, null],
  ['bf16', '-5', false, 'c0a0'],
  ['bf16', '1.00390625', false, '3f80'],
  ['time32', '1970-01-01 00:00:01Z', true, '01000000'],
  ['time32', '1969-12-31 23:59:59', true, 'ffffffff'],
  ['time32', '2038-01-19 03:14:08Z', true, null],
  ['time32', '2026-02-30', true, null],
  ['time32', '2026-02-28 25:00', true, null],
  ['time32', '1970-01-01 00:00:00.5Z', true, null],
  ['time32', '0x10', true, '10000000'],
  ['time64', '1970-01-02', false, '0000000000015180'],
  ['ms', '1970-01-01T00:00:01.001Z', true, 'e903000000000000'],
  ['ns', '1970-01-01 00:00:00.000000001Z', true, '0100000000000000'],
  ['ns', '9999-01-01', true, null],
  ['filetime', '1970-01-01 00:00:00Z', true, '00803ed5deb19d01'],
  ['uuid', '00112233-4455-6677-8899-AABBCCDDEEFF', true, '00112233445566778899aabbccddeeff'],
  ['guid', '{33221100-5544-7766-8899-aabbccddeeff}', true, '00112233445566778899aabbccddeeff'],
  ['leb128', '1', true, null],
  ['uuid', '0', true, null]
])('%s "%s", little-endian %s, is %s', (kind, text, little, hex) => {
  const found = encodeValue(kind, text, little)
  expect(found && [...found].map((byte) => byte.toString(16).padStart(2, '0')).join('')).toBe(hex)
})

test('what can be typed is what is shown', () => {
  const some = bytes('8123456709abcd0f102030405060708090')
  for (const kind of valueKinds.filter((each) => each !== 'leb128' && each !== 'f32' && each !== 'bf16')) {
    for (const little of [true, false]) {
      const shown = decodeValue(kind, some, little) ?? ''
      if (shown === 'out of range' || /^[+-]\d{6}/.test(shown)) continue // no year of four digits
      const back = encodeValue(kind, shown, little)
      expect(back, `${kind} ${shown}`).toEqual(some.slice(0, back?.length ?? 0))
    }
  }
})

test('every half-precision float that is shown is typed back as the same bits', () => {
  for (let bits = 0; bits < 0x10000; bits++) {
    const shown = decodeValue('f16', Uint8Array.of(bits & 255, bits >> 8), true) ?? ''
    if (shown !== 'NaN' && halfBits(Number(shown)) !== bits) expect(shown).toBe(bits)
  }
})

test('a pointer is taken only where it is exact', () => {
  expect(pointerValue(bytes('4000000001000000'), true)).toBe(0x1_0000_0040)
  expect(pointerValue(bytes('ffffffffffffffff'), true)).toBeNull()
  expect(pointerValue(bytes('00'), true)).toBeNull()
})
