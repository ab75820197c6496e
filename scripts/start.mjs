// SPDX-License-Identifier: GPL-2.0-or-later
// npm start: sets up what is missing, then opens the lab in Electron, or serves it to a browser when there is no display.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { endWithChildren, toolEnv } from './lib/run.mjs'
import { inProject, projectRoot } from './lib/root.mjs'
import { setUp, withoutApt } from './setup.mjs'

const electron = inProject('node_modules', 'electron', 'dist', 'electron')
const passedOn = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR2'])

/** @param {string[]} args */
function command(args) {
  const display = Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY)
  if (!args.includes('--headless') && display) {
    if (existsSync(electron)) return [electron, projectRoot, ...args]
    console.log(
      'Electron itself is not here (npx install-electron downloads it): serving the lab to a browser instead.'
    )
  }
  return ['node', inProject('out', 'main', 'serve.js'), ...args.filter((arg) => arg !== '--headless')]
}

endWithChildren()
const args = process.argv.slice(2)
await setUp(withoutApt(['apt:build', 'npm', 'native', 'bundles'], args))
for (const signal of passedOn) process.removeAllListeners(signal)

const [program = '', ...rest] = command(args.filter((arg) => arg !== '--no-apt'))
const lab = spawn(program, rest, { cwd: projectRoot, env: toolEnv(), stdio: 'inherit' })
for (const signal of passedOn) {
  process.on(signal, () => {
    // a terminal's Ctrl-C has reached the lab already
    if (signal !== 'SIGINT' || !process.stdin.isTTY) lab.kill(signal)
  })
}
lab.on('error', (error) => {
  console.error(`${program}: ${error.message}`)
  process.exitCode = 1
})
lab.on('exit', (code, signal) => {
  if (!signal) process.exit(code ?? 1)
  for (const each of passedOn) process.removeAllListeners(each)
  process.kill(process.pid, signal)
})
