// SPDX-License-Identifier: GPL-2.0-or-later
import { readFileSync, rmSync } from 'node:fs'
import { buildNative, nativeBuilds } from '../setup/native.mjs'
import { inProject } from '../lib/root.mjs'
import { CommandFailed } from '../lib/run.mjs'
import { failure, firstLine, judged, nothing, sum, type Outcome } from './outcome.ts'
import type { Context } from './context.ts'

/** A line of Meson's testlog.json: one executable's run. */
interface Run {
  readonly name: string
  readonly result: string
  readonly returncode: number
  readonly stdout?: string
  readonly stderr?: string
}

// cmocka 1.1 writes "not ok 3 # SKIP name" for a skipped test
const tapLine = /^(not )?ok \d+(?: - (?!SKIP)([^#]*))?(?:\s*# SKIP\s*(.*))?$/i

const lastLine = (text: string | undefined): string => (text ?? '').trim().split('\n').at(-1) ?? ''

/** The cases that an executable reports as TAP lines, or none when it speaks no TAP. */
function readTap(name: string, stdout: string): Outcome {
  const lines = stdout.split('\n')
  return sum(
    lines.flatMap((line, index) => {
      const match = tapLine.exec(line)
      if (!match) return []
      const [, not, title = '', skip] = match
      if (skip !== undefined) {
        const said = lines[index - 1]?.trim() // what the test printed before it gave up
        const reason = said && !/^(not ok|ok|1\.\.|#)/.test(said) ? said : 'gives no reason'
        return [{ ...nothing, skipped: [{ name: `${name}: ${title || skip}`, reason }] }]
      }
      if (!not) return [{ ...nothing, passed: 1 }]
      const remarks = lines.slice(index + 1).filter((next) => next.startsWith('# '))
      return [failure(`${name}: ${title}`, remarks[0]?.slice(2) ?? 'failed')]
    })
  )
}

/** cmocka's cases one by one; an executable without cases of its own counts as one. */
export function readRun({ name, result, returncode, stdout, stderr }: Run): Outcome {
  const cases = readTap(name, stdout ?? '')
  const named = cases.passed + cases.failed.length + cases.skipped.length > 0
  if (result === 'OK' || result === 'EXPECTEDFAIL') return named ? cases : { ...nothing, passed: 1 }
  if (result === 'SKIP') {
    const reason = lastLine(stdout) || lastLine(stderr) || 'gives no reason'
    return named ? cases : { ...nothing, skipped: [{ name, reason }] }
  }
  if (cases.failed.length > 0) return cases
  // Meson takes cmocka's "not ok … # SKIP" for a failure, the executable itself does not
  if (returncode === 0 && cases.skipped.length > 0) return cases
  const words = lastLine(stderr) || lastLine(stdout)
  return sum([cases, failure(name, `${result.toLowerCase()}, exit code ${returncode}: ${firstLine(words)}`)])
}

export const readLog = (text: string): Outcome =>
  sum(
    text
      .split('\n')
      .filter(Boolean)
      .map((line) => readRun(JSON.parse(line) as Run))
  )

const logOf = (folder: string): string => inProject(folder, 'meson-logs', 'testlog.json')

function savedLog(folder: string): Outcome {
  try {
    return readLog(readFileSync(logOf(folder), 'utf8'))
  } catch {
    return nothing
  }
}

/**
 * Builds one of the native builds and runs its tests.
 * @param selection Meson's options that choose suites
 */
export async function runMeson(
  build: keyof typeof nativeBuilds,
  selection: string[],
  { run, log }: Context
): Promise<Outcome> {
  const { folder } = nativeBuilds[build]
  try {
    await buildNative(nativeBuilds[build])
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error
    log(error.output)
    return failure(`build of ${folder}`, error.message)
  }
  rmSync(logOf(folder), { force: true })
  // Meson's time limits are there to end what hangs; a busy machine gets five times as long
  const argv = ['meson', 'test', '-C', folder, '--no-rebuild', '--print-errorlogs', '--timeout-multiplier', '5']
  // its exit code says no more than its log, which readRun judges case by case
  await run([...argv, ...selection], { CMOCKA_MESSAGE_OUTPUT: 'TAP' })
  return judged('meson', savedLog(folder), 0)
}
