// SPDX-License-Identifier: GPL-2.0-or-later
import { readFileSync } from 'node:fs'
import { delimiter } from 'node:path'
import { must } from '../lib/run.mjs'
import { inProject } from '../lib/root.mjs'

/**
 * @typedef {{ version?: string, integrity?: string, optional?: boolean, peer?: boolean }} LockedPackage
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

/** Whether what npm says it installed is what the lock file asks for. Optional packages may be of another platform. */
export function installedAsLocked(
  lockFile = inProject('package-lock.json'),
  hidden = inProject('node_modules', '.package-lock.json')
) {
  const wanted = lockedPackages(lockFile)
  const installed = lockedPackages(hidden)
  if (!wanted || !installed) return false
  const same = Object.entries(wanted).every(([path, { version, integrity, optional }]) => {
    const there = installed[path]
    return path === '' || (there ? there.version === version && there.integrity === integrity : optional)
  })
  return same && Object.keys(installed).every((path) => path in wanted)
}

/** The environment without this project's tools: the npm ci below takes them away under whoever runs on them. */
const systemEnv = () => {
  const path = (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => folder !== inProject('node_modules', '.bin'))
  return { ...process.env, PATH: path.join(delimiter) }
}

/** @returns {Promise<string>} what was done */
export async function installNodePackages() {
  if (installedAsLocked()) return 'as locked'
  // an npm that is older than the allowScripts field takes the unknown option for nothing
  await must(['npm', 'ci', '--strict-allow-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    env: systemEnv()
  })
  return 'installed'
}
