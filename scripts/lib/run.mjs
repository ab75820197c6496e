// SPDX-License-Identifier: GPL-2.0-or-later
// Child processes for the scripts. Plain JavaScript: the set-up runs on whatever Node the system has.
import { spawn } from 'node:child_process'
import { delimiter } from 'node:path'
import { inProject, projectRoot } from './root.mjs'

/** Environment in which `node` and the tools are the project's own. */
export const toolEnv = () => ({
  ...process.env,
  PATH: inProject('node_modules', '.bin') + delimiter + process.env.PATH
})

export class CommandFailed extends Error {
  /**
   * @param {string[]} argv
   * @param {string} outcome
   * @param {string} output everything that the command wrote
   */
  constructor(argv, outcome, output) {
    super(`${argv.join(' ')}: ${outcome}`)
    this.output = output
  }
}

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set()
let ending = false

/**
 * What is still running ends with this process, whole process groups at a time: a compiler's or a browser's children too.
 * @param {NodeJS.Signals} signal
 */
export function endRunning(signal) {
  for (const child of running) {
    try {
      process.kill(-(/** @type {number} */ (child.pid)), signal)
    } catch {
      child.kill(signal)
    }
  }
}

/**
 * Ends the children and then this process when the user or a supervisor ends it.
 * Children have process groups of their own, so that a terminal's Ctrl-C reaches them through here only, and once.
 */
export function endWithChildren() {
  for (const [signal, code] of /** @type {const} */ ([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129]
  ])) {
    process.once(signal, () => {
      ending = true
      endRunning('SIGTERM')
      setTimeout(() => endRunning('SIGKILL'), 5000).unref()
      setInterval(() => running.size === 0 && process.exit(code), 20)
      setTimeout(() => process.exit(code), 6000)
    })
  }
}

/**
 * Runs a command to its end, and collects what it writes.
 * @param {string[]} argv
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, onOutput?: (text: string) => void }} [options]
 * @returns {Promise<{ code: number, output: string, outcome: string }>} code 127 when it could not be started
 */
export function run(argv, { cwd = projectRoot, env = toolEnv(), onOutput } = {}) {
  const [command = '', ...args] = argv
  return new Promise((settled) => {
    if (ending) return // nothing new is started, and what was running does not report any more
    const settle = (/** @type {{ code: number, output: string, outcome: string }} */ result) =>
      ending || settled(result)
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
    running.add(child)
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        output += text
        onOutput?.(text)
      })
    }
    child.on('error', (error) => {
      running.delete(child)
      settle({ code: 127, output: output + error.message, outcome: error.message })
    })
    child.on('close', (code, signal) => {
      running.delete(child)
      settle({ code: code ?? 128, output, outcome: signal ? `ended by ${signal}` : `exit code ${code}` })
    })
  })
}

/**
 * Runs a command that must succeed.
 * @param {string[]} argv
 * @param {Parameters<typeof run>[1]} [options]
 */
export async function must(argv, options) {
  const { code, output, outcome } = await run(argv, options)
  if (code !== 0) throw new CommandFailed(argv, outcome, output)
  return output
}
