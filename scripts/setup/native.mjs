// SPDX-License-Identifier: GPL-2.0-or-later
import { existsSync } from 'node:fs'
import { must, toolEnv } from '../lib/run.mjs'
import { inProject } from '../lib/root.mjs'

/**
 * @typedef {{ folder: string, cc: string, options: string[] }} NativeBuild
 * @type {{ plain: NativeBuild, sanitized: NativeBuild }}
 */
export const nativeBuilds = {
  plain: { folder: 'build/native', cc: 'gcc', options: [] },
  sanitized: {
    folder: 'build/native-asan',
    cc: 'clang',
    // lundef: clang's sanitizer runtime is linked into the program, not into a shared library
    options: ['-Db_sanitize=address,undefined', '-Db_lundef=false']
  }
}

/**
 * Ninja does nothing when all is current, and runs Meson again when a meson.build changed.
 * @param {NativeBuild} build
 * @returns {Promise<string>} what was done
 */
export async function buildNative({ folder, cc, options } = nativeBuilds.plain) {
  if (!existsSync(inProject(folder, 'build.ninja'))) {
    await must(['meson', 'setup', folder, 'native', ...options], { env: { ...toolEnv(), CC: cc } })
  }
  const output = await must(['ninja', '-C', folder])
  return output.includes('ninja: no work to do') ? 'current' : 'built'
}
