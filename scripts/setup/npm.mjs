// SPDX-License-Identifier: GPL-2.0-or-later
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { must } from '../lib/run.mjs'
import { inProject } from '../lib/root.mjs'
import { SetupError } from './error.mjs'

/**
 * @typedef {{ version?: string, integrity?: string, optional?: boolean, os?: string[], cpu?: string[], libc?: string[] }} LockedPackage
 * @param {string} file
 * @returns {Record<string, LockedPackage> | undefined}
 */
function lockedPackages(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages
  } catch {
    return undefined
  }
}

/**
 * An optional package that is made for this platform has to be there. Others may be missing, and so may what only they need.
 * @param {LockedPackage} locked
 */
const dispensable = ({ optional, os, cpu, libc }) =>
  optional &&
  !(
    (os ?? cpu) &&
    (os ?? ['linux']).includes('linux') &&
    (cpu ?? ['x64']).includes('x64') &&
    (libc ?? ['glibc']).includes('glibc')
  )

/** Whether what npm says it installed is what the lock file asks for. */
export function installedAsLocked(
  lockFile = inProject('package-lock.json'),
  hidden = inProject('node_modules', '.package-lock.json')
) {
  const wanted = lockedPackages(lockFile)
  const installed = lockedPackages(hidden)
  if (!wanted || !installed) return false
  const same = Object.entries(wanted).every(([path, locked]) => {
    const there = installed[path]
    return (
      path === '' ||
      (there ? there.version === locked.version && there.integrity === locked.integrity : dispensable(locked))
    )
  })
  return same && Object.keys(installed).every((path) => path in wanted)
}

/**
 * @param {string[]} folders where `node` is looked for first
 */
async function npmCi(folders) {
  // without this project's tools, which npm ci takes away under whoever runs on them
  const path = (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => folder !== inProject('node_modules', '.bin'))
  const env = {
    ...process.env,
    PATH: [...folders, ...path].join(delimiter),
    NODE_PATH: '/usr/share/nodejs' // where Debian's npm finds its modules under another Node than Debian's
  }
  // an npm that is older than the allowScripts field takes the unknown option for nothing
  await must(['npm', 'ci', '--strict-allow-scripts', '--no-audit', '--no-fund', '--loglevel=error'], { env })
}

/**
 * On a Node as old as Debian 12's, npm leaves out optional packages that ask for a newer one, among them the bundler's
 * native part. By then the project's own Node has come, so npm does its work once more on a copy of that.
 */
async function npmCiOnOwnNode() {
  const folder = inProject('build', 'node')
  mkdirSync(folder, { recursive: true })
  copyFileSync(inProject('node_modules', '.bin', 'node'), join(folder, 'node'))
  await npmCi([folder])
}

/** @returns {Promise<string>} what was done */
export async function installNodePackages() {
  if (installedAsLocked()) return 'as locked'
  await npmCi([])
  if (!installedAsLocked()) await npmCiOnOwnNode()
  if (!installedAsLocked()) throw new SetupError('npm ci did not install what package-lock.json asks for.')
  return 'installed'
}
