// SPDX-License-Identifier: GPL-2.0-or-later
// `npm run bench`: the allocator and work on memory against their peers (native/bench), the page and /dev/mem in the lab
// VM (tests/bench). Asserts nothing.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { buildBundles } from './setup/bundles.mjs'
import { buildNative, nativeBuilds } from './setup/native.mjs'

const root = join(import.meta.dirname, '..')

const usage = `Usage: npm run bench -- [options]

  --part PART      native (the allocator), memory (digests, snapshots, verdicts, patterns), page, or vm (digests and
                   verdicts over /dev/mem in the lab VM); default: all but vm
  --rounds N       how often each work of the native, memory and vm parts runs (default: 5)
  --only TEXT      works of these parts whose title holds TEXT: "order 9", "churn", "attach"; "snapshot", "check"; of
                   the memory part =TITLE for one alone; of the page part start, open, frames, others, acts, table,
                   "round trip" or memory
  --size BYTES     the region of the memory part (default: 1G); needs two to three times as much memory, on tmpfs. With
                   --part page: of the simulated region (default: 1T), sparse
  --llfree FOLDER  sources of llfree-c, measured beside the other peers (built with clang)
  --help`

const parts = ['native', 'memory', 'page', 'vm'] as const
type Part = (typeof parts)[number]

interface Choices {
  readonly parts: readonly Part[]
  readonly llfree?: string
  /** options of the native programs */
  readonly native: readonly string[]
  readonly memory: readonly string[]
  readonly page: readonly string[]
  readonly vm: readonly string[]
}

function readArguments(): Choices {
  const { values } = parseArgs({
    options: {
      part: { type: 'string' },
      rounds: { type: 'string' },
      only: { type: 'string' },
      size: { type: 'string' },
      llfree: { type: 'string' },
      help: { type: 'boolean', default: false }
    }
  })
  if (values.help) {
    console.log(usage)
    process.exit(0)
  }
  const part = parts.find((name) => name === values.part)
  if (values.part !== undefined && !part) throw new Error(`--part: ${parts.join(', ')}`)
  if (values.llfree !== undefined && !existsSync(join(values.llfree, 'include/llfree.h')))
    throw new Error(`--llfree: ${values.llfree} holds no include/llfree.h`)
  const given = (names: readonly ('rounds' | 'only' | 'size')[]): string[] =>
    names.flatMap((name) => (values[name] === undefined ? [] : [`--${name}`, values[name]]))
  return {
    parts: part ? [part] : parts.filter((name) => name !== 'vm'),
    llfree: values.llfree,
    native: given(['rounds', 'only']),
    memory: given(['rounds', 'only', 'size']),
    page: given(part === 'page' ? ['rounds', 'only', 'size'] : ['only']),
    vm: given(['rounds', 'only'])
  }
}

function run(program: string, args: readonly string[]): void {
  const { status, error } = spawnSync(program, args, { cwd: root, stdio: 'inherit' })
  if (error) throw error
  if (status !== 0) throw new Error(`${basename(program)} ended with ${status}`)
}

/** What ships is measured: the build that the tests and the packages use too, unless a peer needs clang. */
async function built(program: string, llfree?: string): Promise<string> {
  const build = llfree
    ? { folder: 'build/native-bench', cc: 'clang', options: [`-Dllfree=${resolve(llfree)}`] }
    : nativeBuilds.plain
  await buildNative(build)
  return join(root, build.folder, 'bench', program)
}

try {
  const { parts, llfree, ...options } = readArguments()
  if (parts.includes('native')) run(await built('pmpool_bench', llfree), options.native)
  if (parts.includes('memory')) run(await built('pmpool_bench_memory'), options.memory)
  if (parts.includes('page')) {
    if (!process.env.PMPOOL_HELPER) await buildNative(nativeBuilds.plain)
    if (!process.env.PMPOOL_OUT) await buildBundles()
    run(process.execPath, [join(root, 'tests/bench/page.ts'), ...options.page])
  }
  if (parts.includes('vm')) {
    run(process.execPath, [join(root, 'tests/bench/vm.ts'), await built('pmpool_bench_memory'), ...options.vm])
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
