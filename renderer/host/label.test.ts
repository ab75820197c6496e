// SPDX-License-Identifier: GPL-2.0-or-later
import { expect, it } from 'vitest'
import { shortened } from './label.ts'

it.each([
  ['that fits', 'System RAM', 10, 'System RAM'],
  ['that does not', 'System RAM', 9, 'System R…'],
  ['that would end in a space', 'System RAM', 8, 'System…'],
  ['with room for too few letters to tell anything', 'Reserved', 3, ''],
  ['with no room', 'Reserved', 0, ''],
  ['none', '', 10, ''],
  ['whose letters are pairs', '🙂🙂🙂🙂🙂', 9, '🙂🙂🙂🙂…']
])('a name %s', (_name, text, room, expected) => expect(shortened(text, room, (each) => each.length)).toBe(expected))
