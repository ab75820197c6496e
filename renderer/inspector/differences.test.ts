// SPDX-License-Identifier: GPL-2.0-or-later
import { expect, test } from 'vitest'
import { differingRuns, findDifference, findInParts, type DifferenceSearch } from './differences.ts'

const size = 1000
const abort = new AbortController()

/** Both sides zero but where live memory is 1; what is held lacks a range. */
function search(ones: readonly number[], missing: { offset: number; length: number }[] = []) {
  const asked = { live: [] as number[] }
  const wish: DifferenceSearch = {
    live: (offset, length) => {
      asked.live.push(offset)
      const bytes = Uint8Array.from({ length }, (_, i) => (ones.includes(offset + i) ? 1 : 0))
      return Promise.resolve({ bytes, missing: [] })
    },
    held: (offset, length) =>
      Promise.resolve({
        bytes: new Uint8Array(length),
        missing: missing
          .map((part) => ({
            from: Math.max(offset, part.offset),
            to: Math.min(offset + length, part.offset + part.length)
          }))
          .filter(({ from, to }) => from < to)
          .map(({ from, to }) => ({ offset: from, length: to - from }))
      }),
    readable: (from, to) => [{ from, to }],
    size,
    signal: abort.signal,
    progress: () => undefined,
    step: 64
  }
  return { wish, asked }
}

test.each([
  [0, 'next', 70, 2],
  [72, 'next', 500, 1],
  [501, 'next', null, 0],
  [1000, 'previous', 500, 1],
  [500, 'previous', 70, 2],
  [70, 'previous', null, 0]
] as const)('from %d the %s difference is at %j', async (from, direction, offset, length) => {
  const found = await findDifference(from, direction, search([70, 71, 500]).wish)
  expect(found).toEqual(offset === null ? null : { offset, length })
})

test('going back, a difference over the edge of two reads is one', async () => {
  // reads end at 1000 - 64 n: 936 is an edge
  expect(await findDifference(1000, 'previous', search([934, 935, 936, 937]).wish)).toEqual({ offset: 934, length: 4 })
})

test.each(['next', 'previous'] as const)(
  'a run over the edge of what is read at once is one, %s',
  async (direction) => {
    const ones = Array.from({ length: 100 }, (_, i) => 60 + i)
    const found = await findDifference(direction === 'next' ? 0 : size, direction, search(ones).wish)
    expect(found).toEqual({ offset: 60, length: 100 })
  }
)

test('windows are read ahead, a few at once', async () => {
  const { wish } = search([900])
  let [under, most] = [0, 0]
  const live: DifferenceSearch['live'] = async (offset, length) => {
    most = Math.max(most, ++under)
    await new Promise((next) => setTimeout(next))
    under--
    return wish.live(offset, length)
  }
  expect(await findDifference(0, 'next', { ...wish, live })).toEqual({ offset: 900, length: 1 })
  expect(most).toBe(4)
})

test('what is not held is no difference, and is not read', async () => {
  const { wish, asked } = search([10, 500], [{ offset: 0, length: 400 }])
  expect(await findDifference(0, 'next', wish)).toEqual({ offset: 500, length: 1 })
  expect(Math.min(...asked.live)).toBe(384) // the first window that is held in part
})

test.each([
  [0, 'next', 70],
  [72, 'next', 500],
  [72, 'previous', 71],
  [900, 'previous', 500],
  [501, 'next', null]
] as const)('where only parts can differ, from %d the %s is at %j', async (from, direction, offset) => {
  // 10 and 600 differ too, outside of the parts: nobody looks there
  const parts = [
    { from: 64, to: 128 },
    { from: 480, to: 512 }
  ]
  const { wish } = search([10, 70, 71, 500, 600])
  const found = await findInParts(from, direction, parts, wish)
  expect(found && (direction === 'next' ? found.offset : found.offset + found.length - 1)).toBe(offset)
})

test('it ends when it is cancelled', async () => {
  const cancel = new AbortController()
  cancel.abort()
  await expect(findDifference(0, 'next', { ...search([]).wish, signal: cancel.signal })).rejects.toThrow('Cancelled')
})

test('runs of differing bytes', () => {
  const live = Uint8Array.of(1, 1, 0, 1, 1)
  const held = { bytes: new Uint8Array(5), missing: [{ offset: 104, length: 1 }] }
  expect(differingRuns(live, held, 100)).toEqual([
    { offset: 100, length: 2 },
    { offset: 103, length: 1 }
  ])
})
