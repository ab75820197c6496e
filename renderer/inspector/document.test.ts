// SPDX-License-Identifier: GPL-2.0-or-later
import { flushPromises } from '@vue/test-utils'
import { expect, test } from 'vitest'
import { fadeTime } from './change-marks.ts'
import { HexDocument } from './document.ts'
import { Edits } from './edits.ts'
import { PoolSpace } from './space.ts'

async function shown() {
  const memory = new Uint8Array(8192)
  const clock = { now: 1000 }
  const space = new PoolSpace({
    pages: 2,
    regions: [{ firstPage: 0, pages: 2, base: 0, dataFirst: 0, dataEnd: 2, directory: [], error: null }]
  })
  const document = new HexDocument({
    space: () => space,
    read: (offset, length) => Promise.resolve({ bytes: memory.slice(offset, offset + length), missing: [] }),
    edits: new Edits(),
    changed: () => undefined,
    now: () => clock.now
  })
  document.cache.need(0, 1)
  await flushPromises()
  return { memory, clock, document }
}

test('an edit lies over what stands there', async () => {
  const { document } = await shown()
  document.edits.type(5, [7], (offset) => document.cache.at(offset))
  expect([document.at(5), document.cache.at(5)]).toEqual([7, 0])
  expect(document.known(4, 3)).toEqual(Uint8Array.of(0, 7, 0))
  expect(document.known(8190, 16)).toHaveLength(2)
})

test('what changed is marked, and the mark fades', async () => {
  const { memory, clock, document } = await shown()
  memory[9] = 1
  await document.refresh(0, 100)
  expect(document.marks.strength(9, clock.now)).toBe(1)
  expect(document.marks.strength(8, clock.now)).toBe(0)
  expect(document.marks.strength(9, clock.now + fadeTime / 2)).toBeCloseTo(0.5)
  expect(document.marks.active(clock.now + fadeTime)).toBe(false)
})

test('an edit over a byte that changed meanwhile is a conflict', async () => {
  const { memory, document } = await shown()
  document.edits.type(5, [7], (offset) => document.cache.at(offset))
  expect(document.conflicts()).toEqual([])
  memory[5] = 3
  await document.refresh(0, 100)
  expect(document.conflicts()).toEqual([{ offset: 5, before: 0, stands: 3, after: 7 }])
  document.edits.accept((offset) => document.cache.at(offset))
  expect(document.conflicts()).toEqual([])
})
