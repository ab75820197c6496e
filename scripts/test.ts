// SPDX-License-Identifier: GPL-2.0-or-later
// Runs the steps one after the other, carries on after a failing one, and closes with the sum over all runners.
import { createWriteStream, mkdirSync } from 'node:fs'
import { relative } from 'node:path'
import { inProject, projectRoot } from './lib/root.mjs'
import { endWithChildren, run, toolEnv } from './lib/run.mjs'
import { format, lint, runChecks, typecheck } from './test/checks.ts'
import type { Context } from './test/context.ts'
import { runMeson } from './test/meson.ts'
import { failure, sum, type Case, type Outcome } from './test/outcome.ts'
import { runPlaywright } from './test/playwright.ts'
import { chosenSteps, type StepName } from './test/steps.mjs'
import { runVitest } from './test/vitest.ts'
import { startImageBuild } from './test/image.ts'

const logFolder = inProject('build', 'test')
const logLines = 80 // of a failing step's log, on the screen

const work: Record<StepName, (context: Context) => Promise<Outcome>> = {
  lint: (context) => runChecks(lint, context),
  format: (context) => runChecks(format, context),
  typecheck: (context) => runChecks(typecheck, context),
  vitest: (context) => runVitest(['node', 'renderer'], context),
  native: (context) => runMeson('plain', ['--no-suite', 'fuzz'], context),
  sanitizers: async (context) =>
    sum([
      await runMeson('sanitized', ['--no-suite', 'fuzz'], context),
      await runMeson('threads', ['--suite', 'threads'], context)
    ]),
  fuzz: (context) => runMeson('sanitized', ['--suite', 'fuzz'], context),
  e2e: (context) => runPlaywright('e2e', context),
  shell: (context) => runPlaywright('shell', context),
  pack: (context) => runVitest(['pack'], context),
  vm: async (context) => {
    const image = await imageBuild
    if (image && image.code !== 0) {
      context.log(image.output)
      return failure('image of the lab VM', image.outcome)
    }
    return runPlaywright('vm', context)
  }
}

interface Log extends Context {
  readonly file: string
  readonly tail: () => string
  readonly close: () => void
}

function openLog(name: string): Log {
  const file = `${logFolder}/${name}.log`
  const stream = createWriteStream(file)
  let text = ''
  const log = (more: string): void => {
    text += more
    stream.write(more)
  }
  return {
    file: relative(projectRoot, file),
    log,
    tail: () => text.trimEnd().split('\n').slice(-logLines).join('\n'),
    close: () => stream.end(),
    run: async (argv, env) => {
      log(`$ ${argv.join(' ')}\n`)
      const { code, outcome } = await run([...argv], { env: { ...toolEnv(), ...env }, onOutput: log })
      if (code !== 0) log(`${outcome}\n`)
      return code
    }
  }
}

const counts = ({ passed, failed, skipped }: Outcome): string =>
  `${passed} passed, ${failed.length} failed, ${skipped.length} skipped`

async function runStep(name: StepName): Promise<Outcome> {
  const start = Date.now()
  const log = openLog(name)
  const outcome = await work[name](log).catch((error: unknown) => {
    log.log(String(error instanceof Error ? error.stack : error))
    return failure(name, String(error))
  })
  log.close()
  const ok = outcome.failed.length === 0
  if (!ok) console.log(`\n${log.tail()}\n(all of it: ${log.file})\n`)
  const seconds = ((Date.now() - start) / 1000).toFixed(1)
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${name.padEnd(10)} ${counts(outcome)} (${seconds} s)`)
  const inStep = ({ name: test, reason }: Case): Case => ({ name: `${name}: ${test}`, reason })
  return { ...outcome, failed: outcome.failed.map(inStep), skipped: outcome.skipped.map(inStep) }
}

function list(title: string, cases: readonly Case[]): void {
  if (cases.length > 0) console.log(`\n${title}:`)
  for (const { name, reason } of cases) console.log(`  ${name}: ${reason}`)
}

endWithChildren()
mkdirSync(logFolder, { recursive: true })
const chosen = chosenSteps(process.argv.slice(2))
// the image takes a while and the first steps leave a core to it
const imageBuild = chosen.includes('vm') ? startImageBuild() : undefined
const outcomes: Outcome[] = []
for (const name of chosen) outcomes.push(await runStep(name))

const total = sum(outcomes)
list('Skipped', total.skipped)
list('Failed', total.failed)
console.log(`\n${counts(total)}`)
process.exitCode = total.failed.length > 0 ? 1 : 0
