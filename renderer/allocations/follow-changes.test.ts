// SPDX-License-Identifier: GPL-2.0-or-later
import { expect, test } from 'vitest'
import type { Allocation } from '@api'
import { isSame, stillChosen } from './follow-changes.ts'
import { allocationOf as of } from './testing.ts'

test.each<[string, Allocation, Allocation | null, boolean]>([
  ['unchanged', of(8, 2, { createdAt: 1 }), of(8, 2, { createdAt: 1 }), true],
  ['renamed', of(8, 2, { id: 1, createdAt: 1, name: 'a' }), of(8, 2, { id: 2, createdAt: 1, name: 'b' }), true],
  ['resized', of(8, 2, { id: 1, createdAt: 1 }), of(8, 5, { id: 2, createdAt: 1 }), true],
  ['named', of(8, 2), of(8, 2, { createdAt: 1 }), true],
  ['freed', of(8, 2, { createdAt: 1 }), null, false],
  ['freed, and another record in its place', of(8, 2, { createdAt: 1 }), of(8, 2, { createdAt: 2 }), false],
  ['likewise in another boot', of(8, 2, { bootId: 'a' }), of(8, 2, { bootId: 'b' }), false],
  ['freed, and an unnamed one in its place', of(8, 2, { createdAt: 1 }), of(8, 2), false],
  ['freed, and one that reaches over it', of(8, 2, { createdAt: 1 }), of(4, 8, { createdAt: 1 }), false]
])('%s', (_, before, now, same) => expect(isSame(before, now)).toBe(same))

test('what was freed, or freed and put again, is chosen no more', () => {
  const before = [of(1, 1, { createdAt: 1 }), of(2, 1, { createdAt: 2 }), of(3, 1), of(4, 1, { createdAt: 4 })]
  const now = [of(2, 1, { createdAt: 9 }), of(3, 1), of(4, 1, { createdAt: 4 }), of(5, 1)]
  expect([...stillChosen(new Set([1, 2, 3, 4]), now, before)]).toEqual([3, 4])
})

test('a change elsewhere leaves the very set', () => {
  const chosen = new Set([1, 3])
  expect(stillChosen(chosen, [of(1, 1), of(3, 1)], [of(1, 1), of(2, 1), of(3, 1)])).toBe(chosen)
})
