// SPDX-License-Identifier: GPL-2.0-or-later
// The Debian packages of scripts/apt-packages.sh: finds out what is missing and installs that.
import { createInterface } from 'node:readline/promises'
import { must, run } from '../lib/run.mjs'
import { inProject } from '../lib/root.mjs'
import { SetupError } from './error.mjs'

const options = ['-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300']

/** @param {string[]} groups groups of apt-packages.sh */
async function missingPackages(groups) {
  const wanted = (await must([inProject('scripts', 'apt-packages.sh'), ...groups])).split('\n').filter(Boolean)
  const query = await run(['dpkg-query', '-W', '-f', '${db:Status-Abbrev} ${Package}\\n', ...wanted])
  if (query.code === 127) {
    throw new SetupError(
      `This system has no dpkg: the set-up knows Debian only. On another one, install what corresponds to:\n  ${wanted.join(' ')}\n` +
        'and start with --no-apt.'
    )
  }
  const installed = new Set(
    query.output
      .split('\n')
      .filter((line) => line.startsWith('ii '))
      .map((line) => line.split(' ').pop())
  )
  return wanted.filter((name) => !installed.has(name))
}

/** The words before apt-get that make it root's, or undefined when there are none without asking for a password. */
async function elevation() {
  if (process.getuid?.() === 0) return []
  if ((await run(['sudo', '-n', 'true'])).code === 0) return ['sudo', '-n']
  return undefined
}

/** @param {string} question */
async function agreed(question) {
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  const answer = await terminal.question(`${question} [y/N] `)
  terminal.close()
  return /^y(es)?$/i.test(answer.trim())
}

/**
 * @param {string[]} groups
 * @returns {Promise<string>} what was done
 */
export async function installPackages(groups) {
  const missing = await missingPackages(groups)
  if (missing.length === 0) return 'installed'

  const byHand = `sudo apt-get update && sudo apt-get install --no-install-recommends ${missing.join(' ')}`
  const refuse = (/** @type {string} */ why) => new SetupError(`${why} Install the missing packages with\n  ${byHand}`)

  const prefix = await elevation()
  if (!prefix) throw refuse('Installing packages needs root.')
  const asks = process.stdin.isTTY && !process.env.CI
  if (asks && !(await agreed(`Missing: ${missing.join(' ')}\nInstall with apt-get?`))) throw refuse('Not installed.')

  const aptGet = [...prefix, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', ...options]
  // the package lists may be fresh enough; when they are empty or name what is gone, this fails within a second
  if ((await run([...aptGet, 'install', ...missing])).code !== 0) {
    await must([...aptGet, 'update'])
    await must([...aptGet, 'install', ...missing])
  }
  return `installed ${missing.join(' ')}`
}
