// SPDX-License-Identifier: GPL-2.0-or-later
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Pace } from './pace.ts'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

test('the first is due at once, those that follow are put off together, and told once', () => {
  const later = vi.fn()
  const pace = new Pace(100, later)
  expect([pace.due(), pace.due(), pace.due()]).toEqual([true, false, false])
  vi.advanceTimersByTime(101)
  expect(later).toHaveBeenCalledTimes(1)
  expect([pace.due(), pace.due()]).toEqual([true, false])
  vi.advanceTimersByTime(300)
  expect(later).toHaveBeenCalledTimes(2)
})

test('after its end nothing is told', () => {
  const later = vi.fn()
  const pace = new Pace(100, later)
  pace.due()
  pace.due()
  pace.end()
  vi.advanceTimersByTime(1000)
  expect(later).not.toHaveBeenCalled()
})
