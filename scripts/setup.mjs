// SPDX-License-Identifier: GPL-2.0-or-later
// Brings a fresh clone to the point where the lab runs; quick when there is nothing to do.
// Runs on the system's own Node (18 or newer) before any package is there, hence plain JavaScript without dependencies.
import { pathToFileURL } from 'node:url'
import { CommandFailed, endWithChildren } from './lib/run.mjs'
import { installPackages } from './setup/apt.mjs'
import { buildBundles } from './setup/bundles.mjs'
import { SetupError } from './setup/error.mjs'
import { alone } from './setup/lock.mjs'
import { buildNative } from './setup/native.mjs'
import { installNodePackages } from './setup/npm.mjs'

/** Everything, in this order: a word of it is a part of the set-up, apt's come with the packages' groups. */
export const parts = ['apt:build', 'apt:browser', 'apt:pack', 'apt:vm', 'npm', 'native', 'bundles']

/**
 * @param {string} title
 * @param {() => Promise<string>} work
 */
async function step(title, work) {
  const start = Date.now()
  const outcome = await work()
  console.log(`set-up: ${title}: ${outcome} (${((Date.now() - start) / 1000).toFixed(1)} s)`)
}

/**
 * Does the wanted parts; ends the process with a message when one fails.
 * @param {string[]} wanted some of `parts`
 */
export async function setUp(wanted) {
  const groups = wanted.filter((part) => part.startsWith('apt:')).map((part) => part.slice(4))
  try {
    await alone(async () => {
      if (groups.length > 0) await step('Debian packages', () => installPackages(groups))
      if (wanted.includes('npm')) await step('Node packages', installNodePackages)
      if (wanted.includes('native')) await step('native part', () => buildNative())
      if (wanted.includes('bundles')) await step('bundles', buildBundles)
    })
  } catch (error) {
    if (error instanceof CommandFailed) console.error(`${error.output}\nset-up failed: ${error.message}`)
    else if (error instanceof SetupError) console.error(`set-up failed: ${error.message}`)
    else throw error
    process.exit(1)
  }
}

/** The parts without apt's when the arguments say --no-apt: for systems without it, or packages that come otherwise. */
export const withoutApt = (/** @type {string[]} */ wanted, /** @type {string[]} */ args) =>
  args.includes('--no-apt') ? wanted.filter((part) => !part.startsWith('apt:')) : wanted

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  endWithChildren()
  await setUp(withoutApt(parts, process.argv.slice(2)))
}
