// SPDX-License-Identifier: GPL-2.0-or-later
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { must } from '../lib/run.mjs'
import { inProject, projectRoot } from '../lib/root.mjs'

const sources = [
  'main',
  'renderer',
  'electron.vite.config.ts',
  'package.json',
  'package-lock.json',
  'tsconfig.base.json'
]
const bundles = ['out/main/index.js', 'out/main/serve.js', 'out/preload/index.cjs', 'out/renderer/index.html']
const stamp = inProject('node_modules', '.cache', 'pmpool-lab', 'bundles.sha256')

/**
 * @param {string} path a file or a folder
 * @returns {string[]}
 */
function filesBelow(path) {
  try {
    return readdirSync(path, { withFileTypes: true })
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .flatMap((entry) => (entry.isDirectory() ? filesBelow(join(path, entry.name)) : join(path, entry.name)))
  } catch (error) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (error)
    if (code === 'ENOTDIR') return [path]
    if (code === 'ENOENT') return []
    throw error
  }
}

/** Digest of what goes in and of what came out: by content, as git gives files new times and people switch branches. */
function digest() {
  const hash = createHash('sha256')
  const files = [...sources, 'out'].flatMap((path) => filesBelow(inProject(path)))
  for (const file of files.filter((name) => !name.endsWith('.test.ts'))) {
    hash.update(`${relative(projectRoot, file)}\0`).update(createHash('sha256').update(readFileSync(file)).digest())
  }
  return hash.digest('hex')
}

const lastDigest = () => {
  try {
    return readFileSync(stamp, 'utf8')
  } catch {
    return ''
  }
}

/** @returns {Promise<string>} what was done */
export async function buildBundles() {
  if (lastDigest() === digest()) return 'current'
  await must(['electron-vite', 'build'])
  const missing = bundles.filter((file) => filesBelow(inProject(file)).length === 0)
  if (missing.length > 0) throw new Error(`the build made no ${missing.join(', ')}`)
  mkdirSync(dirname(stamp), { recursive: true })
  writeFileSync(stamp, digest())
  return 'built'
}
