// SPDX-License-Identifier: GPL-2.0-or-later
import { expect, test } from 'vitest'
import { commandLine, shellWord } from './command-line.ts'

test.each([
  ['plain-1.0', 'plain-1.0'],
  ['two words', "'two words'"],
  ["it's", "'it'\\''s'"],
  ['memmap=64M$0x1000', "'memmap=64M$0x1000'"],
  ['', "''"]
])('%j is written %s', (word, written) => {
  expect(shellWord(word)).toBe(written)
})

test('options without a value are left out', () => {
  const options = [
    ['order', 9],
    ['name', 'dma buffer'],
    ['owner', ''],
    ['yes', true]
  ] as const
  expect(commandLine('alloc', ['lab'], options)).toBe("pmpool alloc lab --order 9 --name 'dma buffer' --yes")
})

test('a simulated host is named by its directory', () => {
  expect(commandLine('pool list', [], [], '/tmp/my host')).toBe("pmpool --simulate '/tmp/my host' pool list")
})
