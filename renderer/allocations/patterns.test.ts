// SPDX-License-Identifier: GPL-2.0-or-later
import { expect, test } from 'vitest'
import { parseBytes, patternInput, patternOf, patternWrong } from './patterns.ts'

test.each([
  ['de ad be ef', [0xde, 0xad, 0xbe, 0xef]],
  ['DEADBEEF', [0xde, 0xad, 0xbe, 0xef]],
  ['0x01, 0x02', [1, 2]],
  ['', null],
  ['1', null],
  ['xy', null]
])('bytes %j', (text, bytes) => {
  expect(parseBytes(text)).toEqual(bytes && Uint8Array.from(bytes))
})

test.each([
  [{ kind: 'zeros', seed: 9, bytes: 'aa' }, { kind: 'zeros' }],
  [
    { kind: 'random', seed: 9, bytes: '' },
    { kind: 'random', seed: 9 }
  ],
  [{ kind: 'random', seed: 0, bytes: '' }, { kind: 'random' }],
  [
    { kind: 'data', seed: 9, bytes: '61 62' },
    { kind: 'data', data: 'YWI=' }
  ]
] as const)('%j is sent as %j', (choice, pattern) => {
  expect(patternOf(choice)).toEqual(pattern)
  expect(patternWrong(choice)).toBe('')
})

test('what cannot be sent is said', () => {
  expect(patternWrong({ kind: 'data', seed: 0, bytes: '6' })).toMatch(/hexadecimal/)
  expect(patternWrong({ kind: 'random', seed: -1, bytes: '' })).toMatch(/seed/)
})

test('bytes come to the command by its standard input, as every printf knows them', () => {
  expect(patternInput({ kind: 'data', seed: 0, bytes: 'de 00 41' })).toBe("printf '\\336\\000\\101' | ")
  expect(patternInput({ kind: 'data', seed: 0, bytes: '00'.repeat(65) })).toBe('cat FILE | ')
  expect(patternInput({ kind: 'zeros', seed: 0, bytes: '00' })).toBe('')
})
