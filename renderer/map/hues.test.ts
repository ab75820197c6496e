// SPDX-License-Identifier: GPL-2.0-or-later
import { expect, test } from 'vitest'
import { given, preferred, type Hues } from './hues.ts'
import { categoryColours } from './palette.ts'

const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `owner-${index}`)
const hueOf = (hues: Hues, name: string): number => hues.indexOf(name)

test('a name has its own hue wherever it is alone', () => {
  for (const name of names(30)) expect(hueOf(given([], [name]), name)).toBe(preferred(name)[0])
})

test('the order of those who come together does not matter', () => {
  const all = names(categoryColours)
  expect(given([], all.toReversed())).toEqual(given([], all))
})

test('each has a hue of its own as long as there are enough', () => {
  expect(new Set(given([], names(categoryColours))).size).toBe(categoryColours)
})

test('who has a hue keeps it, whoever comes and goes', () => {
  const first = given([], ['vfio', 'kvm', 'net'])
  const second = given(first, [...names(7), 'vfio', 'net'])
  for (const name of ['vfio', 'kvm', 'net']) expect(hueOf(second, name)).toBe(hueOf(first, name))
})

test('one more than there are hues gets none, unless a holder is gone', () => {
  const full = given([], names(categoryColours))
  expect(given(full, [...names(categoryColours), 'late'])).toBe(full)
  const next = given(full, [...names(categoryColours).slice(1), 'late'])
  expect(hueOf(next, 'late')).toBe(hueOf(full, 'owner-0'))
  expect(hueOf(next, 'owner-1')).toBe(hueOf(full, 'owner-1'))
})

test('what was kept by another version, or is damaged, is filled up', () => {
  expect(given(['a'], ['b'])).toHaveLength(categoryColours)
})
