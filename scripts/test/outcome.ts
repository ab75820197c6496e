// SPDX-License-Identifier: GPL-2.0-or-later
import { stripVTControlCharacters } from 'node:util'

/** A test, or a check that counts as one, that did not pass. */
export interface Case {
  readonly name: string
  /** why it failed or was skipped */
  readonly reason: string
}

export interface Outcome {
  readonly passed: number
  readonly failed: readonly Case[]
  readonly skipped: readonly Case[]
}

export const nothing: Outcome = { passed: 0, failed: [], skipped: [] }

export const failure = (name: string, reason: string): Outcome => ({ ...nothing, failed: [{ name, reason }] })

export const sum = (outcomes: readonly Outcome[]): Outcome => ({
  passed: outcomes.reduce((total, { passed }) => total + passed, 0),
  failed: outcomes.flatMap(({ failed }) => failed),
  skipped: outcomes.flatMap(({ skipped }) => skipped)
})

/**
 * What a runner's report is worth: a runner that failed without naming a test counts as a failure,
 * and so does one that ran no test at all.
 */
export function judged(runner: string, reported: Outcome, exitCode: number): Outcome {
  if (exitCode !== 0 && reported.failed.length === 0) return sum([reported, failure(runner, `exit code ${exitCode}`)])
  if (reported.passed + reported.failed.length + reported.skipped.length === 0) return failure(runner, 'ran no test')
  return reported
}

/** The first line of a message, without a terminal's colours. */
export const firstLine = (text = ''): string => stripVTControlCharacters(text).trim().split('\n', 1)[0] ?? ''
