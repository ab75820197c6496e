// SPDX-License-Identifier: GPL-2.0-or-later
import { expect, test } from 'vitest'
import { markOptions, splitOptions } from './options-diff.ts'

test.each([
  ['  root=/dev/vda  quiet\n', ['root=/dev/vda', 'quiet']],
  ['dyndbg="file a.c +p" quiet', ['dyndbg="file a.c +p"', 'quiet']],
  ['broken="no end of it', ['broken="no end of it']],
  ['', []]
])('%j has the options %j', (cmdline, options) => {
  expect(splitOptions(cmdline)).toEqual(options)
})

test('what is new is marked where it stands, what is gone comes last', () => {
  const marked = markOptions('quiet memmap=64M$1G quiet pmpool.nonce=7', ['pmpool.nonce=7', 'quiet'], ['splash'])
  expect(marked.map(({ text, mark }) => `${mark} ${text}`)).toEqual([
    'added quiet',
    'kept memmap=64M$1G',
    'kept quiet',
    'added pmpool.nonce=7',
    'removed splash'
  ])
})
