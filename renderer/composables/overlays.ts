// SPDX-License-Identifier: GPL-2.0-or-later
/** A verdict or a comparison as runs to be shown over the page map. */
import type { Comparison, Verdict } from '@api'
import type { MapOverlay } from '../stores/map-view.ts'
import { formatTime } from './format.ts'

const mostRuns = 4096 // of a verdict or a comparison
const mostDiagnosedRuns = 256 // of one diagnosis

/** Each changed page by what happened to it; pages that no diagnosis lists as changed. */
export function verdictOverlay({ diagnoses, changedRuns, reachedAt }: Verdict): MapOverlay {
  const diagnosed = diagnoses.flatMap(({ kind, runs }) => runs.map(({ page, pages }) => ({ page, pages, kind })))
  const pages = new Set(diagnosed.map(({ page }) => page))
  const rest = changedRuns
    .filter(({ page }) => !pages.has(page))
    .map(({ page, pages, kind }) => ({ page, pages, kind }))
  return {
    title: `verdict of ${formatTime(reachedAt)}`,
    colour: 'diagnosis',
    // what is diagnosed comes later: it lies over what only changed
    runs: [...rest, ...diagnosed].sort((a, b) => a.page - b.page),
    cut: changedRuns.length >= mostRuns || diagnoses.some(({ runs }) => runs.length >= mostDiagnosedRuns)
  }
}

export function comparisonOverlay({ before, after, runs }: Comparison): MapOverlay {
  return {
    title: `${before.name ?? 'the pool'} against ${after.name ?? 'the pool as it was'}, ${formatTime(after.at)}`,
    colour: 'change',
    runs: runs.map(({ page, pages, kind }) => ({ page, pages, kind })),
    cut: runs.length >= mostRuns
  }
}
