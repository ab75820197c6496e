// SPDX-License-Identifier: GPL-2.0-or-later
import { expect, test } from 'vitest'
import type { Run } from '@api'
import { stepsOf } from './run-steps.ts'

type Given = Pick<Run, 'state' | 'steps' | 'failedAt'>
const steps = (...states: Run['state'][]): Run['steps'] => states.map((state, index) => ({ state, at: index * 100 }))
const shown = (run: Given): string =>
  stepsOf(run, 1000)
    .map(({ title, status, elapsed }) => `${title} ${status} ${elapsed ?? '-'}`)
    .join(', ')

test.each<[string, Given, string]>([
  [
    'in the middle',
    { state: 'loading', steps: steps('planned', 'expecting', 'loading'), failedAt: null },
    'Expectation done 100, Load running 800, Jump waiting -, Away waiting -, Verify waiting -'
  ],
  [
    'done',
    {
      state: 'done',
      steps: steps('planned', 'expecting', 'loading', 'jumping', 'away', 'verifying', 'done'),
      failedAt: null
    },
    'Expectation done 100, Load done 100, Jump done 100, Away done 100, Verify done 100'
  ],
  [
    'armed',
    { state: 'armed', steps: steps('planned', 'loading', 'armed'), failedAt: null },
    'Load done 100, Armed running 800, Expectation waiting -, Jump waiting -, Away waiting -, Verify waiting -'
  ],
  [
    'cancelled while it loaded',
    { state: 'cancelled', steps: steps('planned', 'expecting', 'loading', 'cancelled'), failedAt: null },
    'Expectation done 100, Load stopped 100, Jump skipped -, Away skipped -, Verify skipped -'
  ],
  [
    'failed',
    { state: 'failed', steps: steps('planned', 'expecting', 'loading', 'failed'), failedAt: 'loading' },
    'Expectation done 100, Load failed 100, Jump skipped -, Away skipped -, Verify skipped -'
  ]
])('a run that is %s', (_, run, text) => {
  expect(shown(run)).toBe(text)
})
