// SPDX-License-Identifier: GPL-2.0-or-later
import { expect, test } from 'vitest'
import { Edits } from './edits.ts'

const stands = (offset: number): number => offset & 255
const shown = (edits: Edits): [number, number][] => edits.entries().map(([offset, { after }]) => [offset, after])
const typed = (...steps: [number, number[]][]): Edits => {
  const edits = new Edits()
  for (const [offset, bytes] of steps) edits.type(offset, bytes, stands)
  return edits
}

test('undo and redo go step by step, over bytes typed twice', () => {
  const edits = typed([10, [1, 2]], [11, [3]])
  expect(shown(edits)).toEqual([
    [10, 1],
    [11, 3]
  ])
  edits.undo()
  expect(shown(edits)).toEqual([
    [10, 1],
    [11, 2]
  ])
  edits.undo()
  expect(edits.count).toBe(0)
  edits.redo()
  edits.redo()
  expect(shown(edits)).toEqual([
    [10, 1],
    [11, 3]
  ])
  expect(edits.redoable).toBeNull()
})

test('what is typed anew after an undo is what counts', () => {
  const edits = typed([10, [1]])
  edits.undo()
  edits.type(20, [7], stands)
  expect(edits.redoable).toBeNull()
  expect(shown(edits)).toEqual([[20, 7]])
})

test('typing what stands there anyway is no edit', () => {
  const edits = typed([10, [1]], [10, [10]])
  expect(edits.count).toBe(0)
  edits.undo()
  expect(shown(edits)).toEqual([[10, 1]])
})

test('two digits of a byte are one step', () => {
  const edits = new Edits()
  edits.type(10, [0xda], stands)
  edits.type(10, [0xde], stands, true)
  edits.undo()
  expect(edits.count).toBe(0)
  edits.redo()
  expect(shown(edits)).toEqual([[10, 0xde]])
})

test('runs are bytes beside each other, cut where another allocation begins and at the most that one write carries', () => {
  const edits = typed([10, [1, 2, 3]], [20, [9]])
  expect(edits.runs()).toEqual([
    { offset: 10, before: Uint8Array.of(10, 11, 12), after: Uint8Array.of(1, 2, 3) },
    { offset: 20, before: Uint8Array.of(20), after: Uint8Array.of(9) }
  ])
  expect(edits.runs((offset) => offset === 12).map(({ offset }) => offset)).toEqual([10, 12, 20])
  expect(edits.runs(undefined, 1)).toHaveLength(4)
})

test('undoing what was written means writing the old bytes back', () => {
  const edits = typed([10, [1, 2]])
  edits.written(edits.runs())
  expect(edits.count).toBe(0)
  expect(edits.undoable).toBe('written')
  const back = edits.undo()
  expect(back?.runs).toEqual([{ offset: 10, before: Uint8Array.of(1, 2), after: Uint8Array.of(10, 11) }])
  expect(edits.undoable).toBe('written') // not before it is written
  back?.done(back.runs)
  expect([edits.undoable, edits.redoable]).toEqual([null, 'written'])
  const again = edits.redo()
  expect(again?.runs).toEqual([{ offset: 10, before: Uint8Array.of(10, 11), after: Uint8Array.of(1, 2) }])
})

test('of a write that failed half-way the rest stays an edit', () => {
  const edits = typed([10, [1]], [20, [2]])
  edits.written(edits.runs().slice(0, 1))
  expect(shown(edits)).toEqual([[20, 2]])
  edits.undo()
  expect(edits.count).toBe(0)
  expect(edits.undoable).toBe('written')
})

test('of an undo that failed half-way each part is on its side', () => {
  const edits = typed([10, [1]], [20, [2]])
  edits.written(edits.runs())
  const back = edits.undo()
  back?.done(back.runs.slice(0, 1))
  expect(edits.undo()?.runs.map(({ offset }) => offset)).toEqual([20])
  expect(edits.redo()?.runs.map(({ offset }) => offset)).toEqual([10])
})

test('accepting what stands there now keeps the edit over it', () => {
  const edits = typed([10, [1]], [11, [50]])
  edits.accept((offset) => (offset === 11 ? 50 : 99))
  expect(edits.runs()).toEqual([{ offset: 10, before: Uint8Array.of(99), after: Uint8Array.of(1) }])
})

test('discarding leaves what was written to be undone', () => {
  const edits = typed([10, [1]])
  edits.written(edits.runs())
  edits.type(30, [3], stands)
  edits.discard()
  expect(edits.count).toBe(0)
  expect(edits.undoable).toBe('written')
})

test('where the next undo and redo are', () => {
  const edits = new Edits()
  expect(edits.placeOf('past')).toBeNull()
  edits.type(70, [1], () => 0)
  edits.type(20, [1, 2], () => 0)
  expect(edits.placeOf('past')).toBe(20)
  edits.undo()
  expect([edits.placeOf('past'), edits.placeOf('future')]).toEqual([70, 20])
  edits.written(edits.runs())
  expect(edits.placeOf('past')).toBe(70)
})
