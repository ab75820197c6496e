// SPDX-License-Identifier: GPL-2.0-or-later
// What ESLint cannot see: the licence line of every source file, and that native/core does no I/O.
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

export interface Finding {
  readonly file: string
  readonly reason: string
}

const spdx = 'SPDX-License-Identifier: GPL-2.0-or-later'
const notOurs = ['node_modules', '.git', 'build', 'out', 'dist', 'native/subprojects']
const sourcePattern = '**/{meson.build,meson.options,*.{ts,mts,cts,js,mjs,cjs,vue,css,c,h,sh,py}}'

/** The licence line stands in the first lines, below a #! line or an opening tag. */
export function missingLicences(root: string): Finding[] {
  return globSync(sourcePattern, { cwd: root, exclude: (path) => notOurs.includes(path) })
    .filter(
      (file) =>
        !readFileSync(join(root, file), 'utf8')
          .split('\n', 4)
          .some((line) => line.includes(spdx))
    )
    .map((file) => ({ file, reason: `no line "${spdx}" at the top` }))
}

// What a kernel or a bare machine offers too under some name: types, limits, memory and cache instructions
const freestanding = new Set([
  'assert.h',
  'cpuid.h',
  'endian.h',
  'errno.h',
  'immintrin.h',
  'inttypes.h',
  'limits.h',
  'stdalign.h',
  'stdarg.h',
  'stdatomic.h',
  'stdbool.h',
  'stddef.h',
  'stdint.h',
  'stdnoreturn.h',
  'string.h',
  'x86intrin.h'
])
const includeLine = /^\s*#\s*include\s*([<"])([^>"]+)[>"]/gm

/** The headers that native/core reaches, directly or through the project's own ones, and may not. */
export function coreIo(root: string): Finding[] {
  const findings: Finding[] = []
  const pending = globSync('native/core/**/*.{c,h}', { cwd: root })
  const seen = new Set(pending)
  for (const file of pending) {
    for (const [, , header = ''] of readFileSync(join(root, file), 'utf8').matchAll(includeLine)) {
      const own = [dirname(file), 'native/include', 'native/core', 'native']
        .map((folder) => join(folder, header))
        .find((candidate) => existsSync(join(root, candidate)))
      if (own && /^native\/(core|include)\//.test(own)) {
        if (!seen.has(own)) pending.push(own)
        seen.add(own)
      } else if (own || !freestanding.has(header)) {
        findings.push({ file, reason: `native/core could not compile in a kernel with ${header}` })
      }
    }
  }
  return findings
}
