// SPDX-License-Identifier: GPL-2.0-or-later
// npm test: sets up what the chosen steps need, then hands over to scripts/test.ts on the project's own Node.
import { spawn } from 'node:child_process'
import { endWithChildren, toolEnv } from './lib/run.mjs'
import { inProject, projectRoot } from './lib/root.mjs'
import { parts, setUp, withoutApt } from './setup.mjs'
import { chosenSteps, steps } from './test/steps.mjs'

const signals = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])
const args = process.argv.slice(2)

/** @type {Set<string>} */
let needed
try {
  needed = new Set(chosenSteps(args).flatMap((name) => steps[name]))
} catch (error) {
  console.error(/** @type {Error} */ (error).message)
  process.exit(2)
}
endWithChildren()
const wanted = parts.filter((part) => needed.has(part))
await setUp(withoutApt(wanted, args))
for (const signal of signals) process.removeAllListeners(signal)

const runner = spawn('node', [inProject('scripts', 'test.ts'), ...args], {
  cwd: projectRoot,
  env: toolEnv(),
  stdio: 'inherit',
  detached: true
})
for (const signal of signals) process.on(signal, () => runner.kill(signal))
runner.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)))
