// SPDX-License-Identifier: GPL-2.0-or-later
// One set-up at a time in a work tree: two npm or ninja in one folder break each other's work.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { alive } from '../lib/alive.mjs'
import { inProject } from '../lib/root.mjs'

const lockFile = inProject('build', 'setup.lock')

/** @returns {boolean} whether the lock is ours now */
function tryLock() {
  try {
    writeFileSync(lockFile, String(process.pid), { flag: 'wx' })
    return true
  } catch {
    try {
      const holder = Number(readFileSync(lockFile, 'utf8'))
      if (holder > 0 && !alive(holder)) rmSync(lockFile, { force: true }) // it was killed
    } catch {
      // released between the two looks
    }
    return false
  }
}

/**
 * @template T
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function alone(work) {
  mkdirSync(inProject('build'), { recursive: true })
  for (let waited = false; !tryLock(); waited = true) {
    if (!waited) console.log('waiting for another set-up in this folder')
    await sleep(200)
  }
  const release = () => rmSync(lockFile, { force: true })
  process.once('exit', release)
  try {
    return await work()
  } finally {
    process.off('exit', release)
    release()
  }
}
