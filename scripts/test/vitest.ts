// SPDX-License-Identifier: GPL-2.0-or-later
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { inProject } from '../lib/root.mjs'
import { firstLine, judged, nothing, type Case, type Outcome } from './outcome.ts'
import type { Context } from './context.ts'

/** The parts of Vitest's JSON report that are read here. */
interface Report {
  readonly testResults: readonly {
    readonly name: string
    readonly status: string
    readonly message?: string
    readonly assertionResults: readonly {
      readonly fullName: string
      readonly status: string
      readonly failureMessages?: readonly string[] | null
    }[]
  }[]
}

export function readReport(report: Report): Outcome {
  const failed: Case[] = []
  const skipped: Case[] = []
  let passed = 0
  for (const file of report.testResults) {
    for (const { fullName, status, failureMessages } of file.assertionResults) {
      if (status === 'passed') passed++
      else if (status === 'failed') failed.push({ name: fullName, reason: firstLine(failureMessages?.[0]) })
      else skipped.push({ name: fullName, reason: `marked ${status}` })
    }
    const named = file.assertionResults.some(({ status }) => status === 'failed')
    if (file.status === 'failed' && !named) failed.push({ name: file.name, reason: firstLine(file.message) })
  }
  return { passed, failed, skipped }
}

export async function runVitest(projects: readonly string[], { run }: Context): Promise<Outcome> {
  const reportFile = inProject('build', 'test', `vitest-${projects.join('-')}.json`)
  mkdirSync(dirname(reportFile), { recursive: true })
  rmSync(reportFile, { force: true })
  const code = await run([
    'vitest',
    'run',
    ...projects.flatMap((project) => ['--project', project]),
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${reportFile}`
  ])
  const report = jsonOf<Report>(reportFile)
  return judged('vitest', report ? readReport(report) : nothing, code)
}

/** A runner's JSON report, or undefined when it wrote none. */
export function jsonOf<T>(file: string): T | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T
  } catch {
    return undefined
  }
}
