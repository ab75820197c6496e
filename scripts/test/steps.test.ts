// SPDX-License-Identifier: GPL-2.0-or-later
import { describe, expect, test } from 'vitest'
import { parts } from '../setup.mjs'
import { chosenSteps, stepNames, steps } from './steps.mjs'

describe('npm test -- --only', () => {
  test.each([
    [[], stepNames],
    [['--no-apt'], stepNames],
    [['--only', 'vitest'], ['vitest']],
    [['--only=vitest'], ['vitest']],
    [
      ['--only', 'vm,lint'],
      ['lint', 'vm']
    ]
  ])('%j runs %j', (args, names) => {
    expect(chosenSteps(args)).toEqual(names)
  })

  test.each([[['--only']], [['--only=']], [['--only', 'vitests']], [['--only', 'toString']]])(
    '%j is refused with the names',
    (args) => {
      expect(() => chosenSteps(args)).toThrow(/there are lint, format/)
    }
  )
})

test('each step asks for parts of the set-up that there are', () => {
  for (const part of Object.values(steps).flat()) expect(parts).toContain(part)
})
