// SPDX-License-Identifier: GPL-2.0-or-later
import { expect, test } from 'vitest'
import { copyAs, type CopyForm } from './copy-as.ts'
import { crc32c } from './crc32c.ts'

const bytes = new TextEncoder().encode('the state of a device')
const wish = { bytes, address: 0x1_0000_0010, offset: 16, length: 21, encoding: 'utf-8', command: 'pmpool x' } as const

test.each<[CopyForm, string]>([
  ['hex', '746865207374617465206f66206120646576696365'],
  ['spaced', '74 68 65 20 73 74 61 74 65 20 6f 66 20 61 20 64 65 76 69 63 65'],
  [
    'c',
    `const unsigned char bytes[21] = {
  0x74, 0x68, 0x65, 0x20, 0x73, 0x74, 0x61, 0x74, 0x65, 0x20, 0x6f, 0x66,
  0x20, 0x61, 0x20, 0x64, 0x65, 0x76, 0x69, 0x63, 0x65
};`
  ],
  [
    'typescript',
    `const bytes = Uint8Array.of(
  0x74, 0x68, 0x65, 0x20, 0x73, 0x74, 0x61, 0x74, 0x65, 0x20, 0x6f, 0x66,
  0x20, 0x61, 0x20, 0x64, 0x65, 0x76, 0x69, 0x63, 0x65
)`
  ],
  ['base64', 'dGhlIHN0YXRlIG9mIGEgZGV2aWNl'],
  ['text', 'the state of a device'],
  [
    'hexdump',
    `100000010  74 68 65 20 73 74 61 74  65 20 6f 66 20 61 20 64  |the state of a d|
100000020  65 76 69 63 65                                    |evice|
100000025`
  ],
  ['gdb', 'x/21xb 0x100000010'],
  ['command', 'pmpool x']
])('%s', (form, text) => {
  expect(copyAs(form, wish)).toBe(text)
})

test('CRC-32C of the check string', () => {
  expect(crc32c(new TextEncoder().encode('123456789'))).toBe(0xe3069283)
})
