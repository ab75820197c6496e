// SPDX-License-Identifier: GPL-2.0-or-later
import { mkdirSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { inProject } from '../lib/root.mjs'
import { firstLine, judged, nothing, sum, type Outcome } from './outcome.ts'
import type { Context } from './context.ts'
import { jsonOf } from './vitest.ts'

interface Test {
  readonly status: 'expected' | 'unexpected' | 'flaky' | 'skipped'
  readonly annotations: readonly { readonly type: string; readonly description?: string }[]
  readonly results: readonly { readonly error?: { readonly message?: string } }[]
}

interface Suite {
  readonly title: string
  readonly suites?: readonly Suite[]
  readonly specs: readonly { readonly title: string; readonly tests: readonly Test[] }[]
}

/** The parts of Playwright's JSON report that are read here. */
interface Report {
  readonly suites: readonly Suite[]
  readonly errors: readonly { readonly message?: string }[]
}

function readTest(name: string, { status, annotations, results }: Test): Outcome {
  if (status === 'expected') return { ...nothing, passed: 1 }
  if (status === 'skipped') {
    const why = annotations.find(({ type }) => type === 'skip' || type === 'fixme')
    return { ...nothing, skipped: [{ name, reason: why?.description ?? 'gives no reason' }] }
  }
  return { ...nothing, failed: [{ name, reason: firstLine(results.at(-1)?.error?.message) || status }] }
}

function readSuite(suite: Suite, path: readonly string[]): Outcome {
  const titles = [...path, suite.title]
  return sum([
    ...(suite.suites ?? []).map((inner) => readSuite(inner, titles)),
    ...suite.specs.flatMap(({ title, tests }) => tests.map((test) => readTest([...titles, title].join(' › '), test)))
  ])
}

export const readReport = (report: Report): Outcome =>
  sum([
    ...report.suites.map((suite) => readSuite(suite, [])),
    { ...nothing, failed: report.errors.map(({ message }) => ({ name: 'playwright', reason: firstLine(message) })) }
  ])

export async function runPlaywright(project: string, { run }: Context): Promise<Outcome> {
  const reportFile = inProject('build', 'test', `playwright-${project}.json`)
  mkdirSync(dirname(reportFile), { recursive: true })
  rmSync(reportFile, { force: true })
  const code = await run(['playwright', 'test', '--project', project, '--reporter=list,json'], {
    PLAYWRIGHT_JSON_OUTPUT_FILE: reportFile
  })
  const report = jsonOf<Report>(reportFile)
  return judged('playwright', report ? readReport(report) : nothing, code)
}
