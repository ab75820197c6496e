// SPDX-License-Identifier: GPL-2.0-or-later
import { describe, expect, test } from 'vitest'
import { newReason } from './new-reason.ts'

describe('the reason below a message', () => {
  test.each([
    ['no free run is long enough at this alignment', 'No free run is long enough at this alignment.', ''],
    ['Out of pages: no free run is long enough', 'No free run is long enough.', ''],
    ['“log” is taken', 'An allocation has this name.', 'An allocation has this name.'],
    ['something', '', '']
  ])('%s / %s', (message, reason, shown) => {
    expect(newReason({ message, reason })).toBe(shown)
  })
})
