// SPDX-License-Identifier: GPL-2.0-or-later
// Checks that pass or fail as a whole, each counted as one.
import { failure, nothing, sum, type Outcome } from './outcome.ts'
import type { Context } from './context.ts'

export type Check = readonly [name: string, argv: readonly string[]]

export const lint: readonly Check[] = [
  ['eslint', ['eslint', '.', '--max-warnings', '0']],
  ['licence lines, native/core without I/O', ['node', 'scripts/lint/check-sources.ts']],
  ['protocol page is current', ['node', 'scripts/generate-protocol.ts', '--check']],
  ['schemas are current', ['node', 'scripts/generate-schemas.ts', '--check']]
]
export const format: readonly Check[] = [
  ['prettier', ['node', 'scripts/format.ts', '--only', 'prettier']],
  ['clang-format', ['node', 'scripts/format.ts', '--only', 'clang-format']]
]
export const typecheck: readonly Check[] = [['vue-tsc', ['vue-tsc', '--build']]]

export async function runChecks(checks: readonly Check[], { run }: Context): Promise<Outcome> {
  const outcomes: Outcome[] = []
  for (const [name, argv] of checks) {
    const code = await run(argv)
    outcomes.push(code === 0 ? { ...nothing, passed: 1 } : failure(name, `exit code ${code}`))
  }
  return sum(outcomes)
}
