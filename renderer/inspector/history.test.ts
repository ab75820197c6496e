// SPDX-License-Identifier: GPL-2.0-or-later
import { expect, test } from 'vitest'
import { PlaceHistory } from './history.ts'

test('back and forward, until another way is gone', () => {
  const history = new PlaceHistory()
  history.leave(1)
  history.leave(2)
  expect(history.back(3)).toBe(2)
  expect(history.back(2)).toBe(1)
  expect(history.back(1)).toBeNull()
  expect(history.forward(1)).toBe(2)
  history.leave(2)
  expect(history.canGoForward).toBe(false)
  expect(history.back(9)).toBe(2)
})
