// SPDX-License-Identifier: GPL-2.0-or-later
import { flushPromises } from '@vue/test-utils'
import { expect, test } from 'vitest'
import { failure } from '@api/failure.ts'
import { BytesCache, chunkSize, notHeld, notRead, type HeldBytes } from './bytes-cache.ts'

/** Memory in which each byte is the low byte of its chunk's index; some of it is not there. */
function memory(limit?: number) {
  const asked: [number, number][] = []
  const changes = new Map<number, number>()
  const state = { fail: false, missing: [] as HeldBytes['missing'] }
  const cache = new BytesCache({
    read: (offset, length) => {
      asked.push([offset, length])
      if (state.fail) return Promise.reject(failure('helper-gone', 'The helper ended.'))
      const bytes = Uint8Array.from({ length }, (_, i) => {
        return changes.get(offset + i) ?? Math.floor((offset + i) / chunkSize) & 255
      })
      return Promise.resolve({ bytes, missing: state.missing })
    },
    // a hole from 1.5 to 2 chunks
    readable: (from, to) =>
      [
        { from: 0, to: chunkSize * 1.5 },
        { from: chunkSize * 2, to: chunkSize * 100 }
      ]
        .map((part) => ({ from: Math.max(from, part.from), to: Math.min(to, part.to) }))
        .filter((part) => part.from < part.to),
    changed: () => undefined,
    ...(limit !== undefined && { limit })
  })
  return { cache, asked, changes, state }
}

test('what is needed is read in whole chunks, with the next and the one before', async () => {
  const { cache, asked } = memory()
  expect(cache.at(3 * chunkSize)).toBe(notRead)
  cache.need(3 * chunkSize + 5, 3 * chunkSize + 90)
  await flushPromises()
  expect(asked).toEqual([
    [3 * chunkSize, chunkSize],
    [4 * chunkSize, chunkSize],
    [2 * chunkSize, chunkSize]
  ])
  expect(cache.at(3 * chunkSize + 7)).toBe(3)
  cache.need(3 * chunkSize, 3 * chunkSize + 1)
  await flushPromises()
  expect(asked).toHaveLength(3)
})

test('a chunk over the end of a region is read as far as it goes', async () => {
  const { cache, asked } = memory()
  cache.need(chunkSize, chunkSize + 1)
  await flushPromises()
  expect(asked).toContainEqual([chunkSize, chunkSize / 2])
  expect(cache.at(chunkSize * 1.5 - 1)).toBe(1)
  expect(cache.at(chunkSize * 1.5)).toBe(notRead)
})

test('the chunks used last are kept', async () => {
  const { cache } = memory(4)
  for (let index = 10; index < 30; index++) {
    cache.need(index * chunkSize, index * chunkSize + 1)
    await flushPromises()
  }
  expect(cache.count).toBe(4)
  expect(cache.at(29 * chunkSize)).toBe(29)
  expect(cache.at(10 * chunkSize)).toBe(notRead)
})

test('reading a range again tells which known bytes are others', async () => {
  const { cache, changes } = memory()
  cache.need(3 * chunkSize, 3 * chunkSize + 1)
  await flushPromises()
  changes.set(4 * chunkSize - 1, 99)
  changes.set(4 * chunkSize, 98)
  changes.set(50 * chunkSize, 97)
  expect(await cache.refresh(4 * chunkSize - 2, 4 * chunkSize + 2)).toEqual([4 * chunkSize - 1, 4 * chunkSize])
  expect(cache.at(4 * chunkSize)).toBe(98)
  expect(await cache.refresh(50 * chunkSize, 50 * chunkSize + 2)).toEqual([])
})

test('what is not held is told from what is not read, also after it is read again', async () => {
  const { cache, state } = memory()
  state.missing = [{ offset: 3 * chunkSize + 10, length: 5 }]
  cache.need(3 * chunkSize, 3 * chunkSize + 1)
  await flushPromises()
  expect([9, 10, 14, 15].map((at) => cache.at(3 * chunkSize + at))).toEqual([3, notHeld, notHeld, 3])
  expect(cache.slice(3 * chunkSize, 3 * chunkSize + 20)).toBeNull()
  state.missing = []
  await cache.refresh(3 * chunkSize, 3 * chunkSize + 20)
  expect(cache.slice(3 * chunkSize, 3 * chunkSize + 20)).toEqual(new Uint8Array(20).fill(3))
})

test('a failure is kept and stops asking until it is tried again', async () => {
  const { cache, state, asked } = memory()
  state.fail = true
  cache.need(3 * chunkSize, 3 * chunkSize + 1)
  await flushPromises()
  expect(cache.error?.name).toBe('helper-gone')
  const before = asked.length
  cache.need(9 * chunkSize, 9 * chunkSize + 1)
  await flushPromises()
  expect(asked).toHaveLength(before)
  state.fail = false
  cache.retry()
  cache.need(9 * chunkSize, 9 * chunkSize + 1)
  await flushPromises()
  expect(cache.error).toBeNull()
  expect(cache.at(9 * chunkSize)).toBe(9)
})

test('an answer to what was asked before everything was dropped is not kept', async () => {
  const { cache } = memory()
  cache.need(3 * chunkSize, 3 * chunkSize + 1)
  cache.clear()
  await flushPromises()
  expect(cache.count).toBe(0)
})

test('what was read again while a chunk was on its way is in the chunk', async () => {
  const { cache, changes } = memory()
  cache.need(0, 10)
  changes.set(5, 99)
  await cache.refresh(0, 10)
  await flushPromises()
  expect(cache.at(5)).toBe(99)
})
