// SPDX-License-Identifier: GPL-2.0-or-later
import { expect, it } from 'vitest'
import { partsOf } from './code-text.ts'

it.each([
  [
    'The `$` was lost',
    [
      { text: 'The ', code: false },
      { text: '$', code: true },
      { text: ' was lost', code: false }
    ]
  ],
  ['plain', [{ text: 'plain', code: false }]],
  ['`a`', [{ text: 'a', code: true }]],
  ['', []]
])('%j has its code apart from its text', (text, parts) => expect(partsOf(text)).toEqual(parts))
