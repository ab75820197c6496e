// SPDX-License-Identifier: GPL-2.0-or-later
import { expect, test } from 'vitest'
import { chordOf, chordText, isOfFields } from './chord.ts'

const none = { ctrlKey: false, metaKey: false, altKey: false, shiftKey: false }

test.each([
  [{ key: 'a' }, 'a'],
  [{ key: '?', shiftKey: true }, '?'],
  [{ key: 'A', shiftKey: true }, 'A'],
  [{ key: 'F3', shiftKey: true }, 'Shift+F3'],
  [{ key: 'k', ctrlKey: true }, 'Ctrl+k'],
  [{ key: 'k', metaKey: true }, 'Ctrl+k'],
  [{ key: 'P', ctrlKey: true, shiftKey: true }, 'Ctrl+Shift+p'],
  [{ key: 'ArrowLeft', altKey: true }, 'Alt+ArrowLeft'],
  [{ key: ' ' }, 'Space']
])('%j is %s', (keys, chord) => {
  expect(chordOf({ ...none, ...keys })).toBe(chord)
})

test.each([
  ['a', true],
  ['Delete', true],
  ['Enter', true],
  ['Escape', true],
  ['Ctrl+a', true],
  ['Ctrl+Shift+z', true],
  ['Ctrl+ArrowLeft', true],
  ['Ctrl+k', false],
  ['Ctrl+f', false],
  ['F3', false],
  ['Shift+F3', false]
])('typing keeps %s for the field: %s', (chord, kept) => {
  expect(isOfFields(chord)).toBe(kept)
})

test.each([
  ['n', 'n'],
  ['N', 'Shift+N'],
  ['Ctrl+k', 'Ctrl+K'],
  ['Alt+ArrowLeft', 'Alt+←'],
  ['?', '?'],
  ['+', '+'],
  ['F2', 'F2']
])('%s is shown as %s', (chord, text) => {
  expect(chordText(chord)).toBe(text)
})
