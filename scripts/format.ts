// SPDX-License-Identifier: GPL-2.0-or-later
// format.ts [--write] [--only prettier|clang-format]: says which files are not formatted, or formats them.
import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { toolEnv } from './lib/run.mjs'
import { projectRoot } from './lib/root.mjs'

const { values } = parseArgs({ options: { write: { type: 'boolean' }, only: { type: 'string' } } })
const native = globSync('native/**/*.{c,h}', { cwd: projectRoot, exclude: (path) => path === 'native/subprojects' })

const formatters: Record<string, readonly string[]> = {
  prettier: ['prettier', '--log-level', 'warn', values.write ? '--write' : '--check', '.'],
  'clang-format': ['clang-format', ...(values.write ? ['-i'] : ['--dry-run', '-Werror']), ...native]
}

/** clang-format shows each spot with three lines; the files' names are enough. */
const namesOnly = (output: string): string =>
  [...new Set(output.match(/^[^\s:]+(?=:\d+:\d+: error: )/gm))].map((file) => `not formatted: ${file}\n`).join('') ||
  output

if (values.only !== undefined && !Object.hasOwn(formatters, values.only)) {
  throw new RangeError(`--only: prettier or clang-format, not ${values.only}`)
}
for (const [name, [command = '', ...args]] of Object.entries(formatters)) {
  if (values.only !== undefined && values.only !== name) continue
  const options = { cwd: projectRoot, env: toolEnv(), encoding: 'utf8', maxBuffer: Infinity } as const
  const { status, error, stdout, stderr } = spawnSync(command, args, options)
  process.stdout.write(stdout ?? '')
  process.stderr.write(error ? `${name}: ${error.message}\n` : namesOnly(stderr))
  if (status !== 0) process.exitCode = 1
}
