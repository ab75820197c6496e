// SPDX-License-Identifier: GPL-2.0-or-later
import { expect, test } from 'vitest'
import { changedKinds } from './changed.ts'
import { BAD, FREE, METADATA, NAMED } from './pages.ts'

const shape = {
  pages: 10,
  regions: [{ firstPage: 0, pages: 10, base: 0, dataFirst: 1, dataEnd: 9, directory: [], error: null }]
}

test('changed pages lie over expected ones, nothing reaches past the pool', () => {
  const expected = [{ page: 2, pages: 3 }]
  const runs = [
    { page: 3, pages: 1 },
    { page: 8, pages: 40 }
  ]
  expect([...changedKinds(shape, expected, runs)]).toEqual([
    METADATA,
    FREE,
    NAMED,
    BAD,
    NAMED,
    FREE,
    FREE,
    FREE,
    BAD,
    BAD
  ])
})
