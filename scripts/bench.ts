// SPDX-License-Identifier: GPL-2.0-or-later
// `npm run bench`: the allocator against its peers (native/bench), then the page (tests/bench). Asserts nothing.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { buildNative, nativeBuilds } from './setup/native.mjs'

const root = join(import.meta.dirname, '..')

const usage = `Usage: npm run bench -- [options]

  --part PART      native or page (default: both)
  --rounds N       how often each work of the native part runs (default: 5)
  --only TEXT      works of the native part whose title holds TEXT: "order 9", "churn", "named", "attach", "metadata"
  --llfree FOLDER  sources of llfree-c, measured beside the other peers (built with clang)
  --help`

function readArguments(): { part?: string; llfree?: string; native: string[] } {
  const { values } = parseArgs({
    options: {
      part: { type: 'string' },
      rounds: { type: 'string' },
      only: { type: 'string' },
      llfree: { type: 'string' },
      help: { type: 'boolean', default: false }
    }
  })
  if (values.help) {
    console.log(usage)
    process.exit(0)
  }
  if (values.part !== undefined && !['native', 'page'].includes(values.part)) throw new Error('--part: native or page')
  if (values.llfree !== undefined && !existsSync(join(values.llfree, 'include/llfree.h')))
    throw new Error(`--llfree: ${values.llfree} holds no include/llfree.h`)
  const native = (['rounds', 'only'] as const).flatMap((name) =>
    values[name] === undefined ? [] : [`--${name}`, values[name]]
  )
  return { part: values.part, llfree: values.llfree, native }
}

function run(program: string, args: readonly string[]): void {
  const { status, error } = spawnSync(program, args, { cwd: root, stdio: 'inherit' })
  if (error) throw error
  if (status !== 0) throw new Error(`${basename(program)} ended with ${status}`)
}

/** What ships is measured: the build that the tests and the packages use too, unless a peer needs clang. */
async function nativeBench(llfree: string | undefined, args: readonly string[]): Promise<void> {
  const build = llfree
    ? { folder: 'build/native-bench', cc: 'clang', options: [`-Dllfree=${resolve(llfree)}`] }
    : nativeBuilds.plain
  await buildNative(build)
  run(join(root, build.folder, 'bench/pmpool_bench'), args)
}

try {
  const { part, llfree, native } = readArguments()
  if (part !== 'page') await nativeBench(llfree, native)
  if (part !== 'native') run(process.execPath, [join(root, 'tests/bench/page.ts')])
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
