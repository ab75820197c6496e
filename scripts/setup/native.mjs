// SPDX-License-Identifier: GPL-2.0-or-later
import { existsSync } from 'node:fs'
import { must, toolEnv } from '../lib/run.mjs'
import { inProject } from '../lib/root.mjs'

/**
 * targets: what to build of it; all when there are none
 * @typedef {{ folder: string, cc: string, options: string[], targets?: string[] }} NativeBuild
 * @type {{ plain: NativeBuild, sanitized: NativeBuild, threads: NativeBuild }}
 */
export const nativeBuilds = {
  plain: { folder: 'build/native', cc: 'gcc', options: [] },
  sanitized: {
    folder: 'build/native-asan',
    cc: 'clang',
    // lundef: clang's sanitizer runtime is linked into the program, not into a shared library
    options: ['-Db_sanitize=address,undefined', '-Db_lundef=false']
  },
  // the thread sanitizer goes with no other one
  threads: {
    folder: 'build/native-tsan',
    cc: 'clang',
    options: ['-Db_sanitize=thread', '-Db_lundef=false'],
    targets: ['tests/test_core_threads', 'tests/test_team']
  }
}

/**
 * Ninja does nothing when all is current, and runs Meson again when a meson.build changed.
 * @param {NativeBuild} build
 * @returns {Promise<string>} what was done
 */
export async function buildNative({ folder, cc, options, targets = [] } = nativeBuilds.plain) {
  if (!existsSync(inProject(folder, 'build.ninja'))) {
    await must(['meson', 'setup', folder, 'native', ...options], { env: { ...toolEnv(), CC: cc } })
  }
  const output = await must(['ninja', '-C', folder, ...targets])
  return output.includes('ninja: no work to do') ? 'current' : 'built'
}
