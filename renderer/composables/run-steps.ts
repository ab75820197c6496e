// SPDX-License-Identifier: GPL-2.0-or-later
import type { Run } from '@api'

export type StepState = 'waiting' | 'running' | 'done' | 'failed' | 'stopped' | 'skipped'

export interface Step {
  readonly state: Run['state']
  readonly title: string
  readonly status: StepState
  /** milliseconds it took, or has taken so far; null before it began */
  readonly elapsed: number | null
}

type Titles = readonly (readonly [Run['state'], string])[]

const arrival: Titles = [
  ['jumping', 'Jump'],
  ['away', 'Away'],
  ['verifying', 'Verify']
]
const straight: Titles = [['expecting', 'Expectation'], ['loading', 'Load'], ...arrival]
/** one that stopped before the jump: what is expected is written down when it goes on */
const stopped: Titles = [['loading', 'Load'], ['armed', 'Armed'], ['expecting', 'Expectation'], ...arrival]

/** The steps of a run and how far each has come. */
export function stepsOf(run: Pick<Run, 'state' | 'steps' | 'failedAt'>, now: number): Step[] {
  const hasEnded = ['done', 'failed', 'cancelled'].includes(run.state)
  const titles = run.steps[1]?.state === 'loading' ? stopped : straight
  return titles.map(([state, title]) => {
    const index = run.steps.findIndex((step) => step.state === state)
    const begun = run.steps[index]
    if (!begun) return { state, title, status: hasEnded ? 'skipped' : 'waiting', elapsed: null }
    const next = run.steps[index + 1]
    const status =
      run.failedAt === state
        ? 'failed'
        : next?.state === 'cancelled'
          ? 'stopped'
          : next || hasEnded
            ? 'done'
            : 'running'
    return { state, title, status, elapsed: Math.max(0, (next?.at ?? now) - begun.at) }
  })
}
