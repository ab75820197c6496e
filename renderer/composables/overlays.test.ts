// SPDX-License-Identifier: GPL-2.0-or-later
import { expect, test } from 'vitest'
import type { Comparison, Verdict } from '@api'
import { comparisonOverlay, verdictOverlay } from './overlays.ts'

const run = (page: number, pages: number, kind = 'changed') => ({ page, pages, kind, address: page * 4096 })

test('a verdict is shown by its diagnoses, and what they leave out as changed', () => {
  const overlay = verdictOverlay({
    reachedAt: 0,
    changedRuns: [run(4, 2), run(9, 1)],
    diagnoses: [{ kind: 'bit-flip', runs: [{ page: 9, pages: 1 }] }]
  } as unknown as Verdict)
  expect(overlay).toMatchObject({ colour: 'diagnosis', cut: false })
  expect(overlay.runs).toEqual([
    { page: 4, pages: 2, kind: 'changed' },
    { page: 9, pages: 1, kind: 'bit-flip' }
  ])
})

test('what was cut says so', () => {
  const runs = Array.from({ length: 4096 }, (_, index) => run(index * 2, 1))
  const sides = { before: { name: 'a', at: 0 }, after: { name: null, at: 0 } }
  expect(comparisonOverlay({ ...sides, runs } as unknown as Comparison).cut).toBe(true)
  expect(comparisonOverlay({ ...sides, runs: runs.slice(1) } as unknown as Comparison).cut).toBe(false)
})
