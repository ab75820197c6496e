// SPDX-License-Identifier: GPL-2.0-or-later
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { shownFor, useNotices } from './notices.ts'

beforeEach(() => {
  vi.useFakeTimers()
  setActivePinia(createPinia())
})
afterEach(() => vi.useRealTimers())

const texts = (): string[] => useNotices().notices.map(({ text }) => text)

test('a notice goes away by itself', () => {
  useNotices().say('Renamed.')
  vi.advanceTimersByTime(shownFor - 1)
  expect(texts()).toEqual(['Renamed.'])
  vi.advanceTimersByTime(1)
  expect(texts()).toEqual([])
})

test('none goes away while they are held, and each has its time again afterwards', () => {
  const notices = useNotices()
  notices.say('before')
  notices.hold(true)
  notices.say('meanwhile')
  vi.advanceTimersByTime(10 * shownFor)
  expect(texts()).toEqual(['before', 'meanwhile'])
  notices.hold(false)
  vi.advanceTimersByTime(shownFor - 1)
  expect(texts()).toEqual(['before', 'meanwhile'])
  vi.advanceTimersByTime(1)
  expect(texts()).toEqual([])
})

test('an action is taken once, and its notice goes', () => {
  const undo = vi.fn()
  const notices = useNotices()
  const id = notices.say('Renamed.', { title: 'Undo', run: undo })
  notices.act(id)
  notices.act(id)
  expect(undo).toHaveBeenCalledTimes(1)
  expect(texts()).toEqual([])
})

test('the newest are shown', () => {
  const notices = useNotices()
  for (const text of ['one', 'two', 'three', 'four']) notices.say(text)
  expect(texts()).toEqual(['two', 'three', 'four'])
})

test('what is said again stands there once, what can be taken back each time', () => {
  const notices = useNotices()
  notices.say('No pool is in view.')
  notices.say('named', { title: 'Undo', run: () => undefined })
  notices.say('named', { title: 'Undo', run: () => undefined })
  notices.say('No pool is in view.')
  expect(texts()).toEqual(['named', 'named', 'No pool is in view.'])
})
