// SPDX-License-Identifier: GPL-2.0-or-later
import { expect, test } from 'vitest'
import { RateMeter, timeLeft } from './rate.ts'

test('a rate needs two reports that are far enough apart', () => {
  const meter = new RateMeter()
  expect(meter.sample(0, 0)).toBeNull()
  expect(meter.sample(50, 50)).toBeNull()
  expect(meter.sample(1000, 1000)).toBe(1000)
})

test('a steady rate stays, a change is smoothed', () => {
  const meter = new RateMeter()
  for (let second = 0; second < 5; second++) meter.sample(second * 1000, second * 1000)
  expect(meter.sample(5000, 5000)).toBe(1000)
  expect(meter.sample(7000, 6000)).toBeCloseTo(1300)
})

test.each([
  [0, 1000, 500, 2000],
  [1000, 1000, 500, null],
  [0, 1000, 0, null],
  [0, 1000, null, null]
])('time left after %d of %d bytes at %j B/s is %j', (done, total, rate, left) => {
  expect(timeLeft(done, total, rate)).toBe(left)
})
