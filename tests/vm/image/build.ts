// SPDX-License-Identifier: GPL-2.0-or-later
// Builds the lab VM's image into the cache, once per recipe. `node tests/vm/image/build.ts` prints its folder.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync } from 'node:fs'
import { chmod, cp, link, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onProcessEnd } from '../cleanup.ts'
import { LabVmError, tail } from '../errors.ts'
import { buildTools, requireTools, toolPath } from '../tools.ts'
import { hostAptOptions, hostSources } from './apt.ts'
import { cacheDir, diskSize, imageIn, kernelPackage, packages, recipeDir, recipeKey, suite } from './recipe.ts'
import type { VmImage } from './recipe.ts'

const isRoot = process.getuid?.() === 0
const vmCache = join(cacheDir(), 'vm')
const debCache = join(cacheDir(), 'debs')

/**
 * The image of this recipe, built when the cache has none. Builders take turns at a lock that the kernel drops with
 * its holder; a finished image appears under its name at once or not at all.
 */
export async function ensureVmImage(report: (line: string) => void = () => {}): Promise<VmImage> {
  const image = imageIn(join(vmCache, recipeKey()))
  if (existsSync(image.dir)) return image
  requireTools(buildTools)
  mkdirSync(vmCache, { recursive: true, mode: 0o700 })
  report('Building the lab VM image; later starts take it from the cache')
  const builder = [process.execPath, import.meta.filename, '--locked']
  const child = spawn('flock', ['--no-fork', join(vmCache, 'lock'), ...builder], {
    stdio: ['ignore', 'ignore', 'pipe']
  })
  const forget = onProcessEnd(() => child.kill('SIGTERM'))
  let output = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text))
  await once(child, 'close')
  forget()
  if (!existsSync(image.dir)) throw new LabVmError('build-failed', `The lab VM image was not built.\n${tail(output)}`)
  return image
}

/** Under the lock: nobody else builds, and what an earlier builder left behind is nobody's. */
async function buildLocked(signal: AbortSignal): Promise<void> {
  const target = join(vmCache, recipeKey())
  if (existsSync(target)) return
  requireTools(isRoot ? buildTools : [...buildTools, 'newuidmap'])
  await removeLeftovers()
  // mmdebstrap's other user ids cannot enter a home directory, so an ordinary user builds in the temporary folder.
  const work = await mkdtemp(isRoot ? join(vmCache, '.build-') : join(tmpdir(), 'pmpool-lab-image-'))
  const fresh = await mkdtemp(join(vmCache, '.new-'))
  try {
    await prepare(work, signal)
    await bootstrap(work, signal)
    await collect(work, fresh)
    await rename(fresh, target)
    await keepDebs(join(work, 'debs'))
  } finally {
    await rm(work, { recursive: true, force: true })
    await rm(fresh, { recursive: true, force: true })
  }
}

async function removeLeftovers(): Promise<void> {
  for (const name of await readdir(vmCache)) {
    if (/^\.(build|new)-/.test(name)) await rm(join(vmCache, name), { recursive: true, force: true })
  }
}

/** Lays out the work folder: recipe/, keys/, debs/ (what is cached), out/, init, sources.list and apt.conf. */
async function prepare(work: string, signal: AbortSignal): Promise<void> {
  // Searchable but not listable; out/ is written by ids that an ordinary user's name space maps.
  await chmod(work, 0o711)
  const out = join(work, 'out')
  await mkdir(out)
  if (!isRoot) await chmod(out, 0o777)
  await cp(recipeDir, join(work, 'recipe'), { recursive: true })
  await mkdir(join(work, 'keys'), { mode: 0o700 })
  const key = join(work, 'keys', 'id_ed25519')
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'lab-vm', '-f', key], work, signal)
  await cp(`${key}.pub`, join(work, 'pubkey'))
  await run('gcc', ['-std=c11', '-O2', '-static', '-s', '-o', 'init', 'recipe/init.c'], work, signal)
  await seedDebs(join(work, 'debs'))
  await writeFile(join(work, 'apt.conf'), hostAptOptions(), { mode: isRoot ? 0o600 : 0o644 })
}

async function bootstrap(work: string, signal: AbortSignal): Promise<void> {
  const sources = hostSources(suite)
  if (sources) await writeFile(join(work, 'sources.list'), sources)
  const excluded = ['man', 'doc', 'locale', 'i18n', 'info', 'bash-completion']
  const args = [
    isRoot ? '--mode=root' : '--mode=unshare',
    '--variant=minbase',
    `--include=${packages.join(',')}`,
    '--aptopt=./apt.conf',
    ...excluded.map((folder) => `--dpkgopt=path-exclude=/usr/share/${folder}/*`),
    '--skip=download/empty',
    '--skip=essential/unlink',
    '--setup-hook=mkdir -p "$1/var/cache/apt/archives"',
    '--setup-hook=sync-in ./debs /var/cache/apt/archives',
    '--customize-hook="$LAB_RECIPE/customize.sh" "$1"',
    '--customize-hook=sync-out /var/cache/apt/archives ./debs',
    suite,
    '/dev/null',
    ...(sources ? ['./sources.list'] : [])
  ]
  const environment = {
    ...(isRoot ? { TMPDIR: work } : {}),
    LAB_RECIPE: join(work, 'recipe'),
    LAB_INIT: join(work, 'init'),
    LAB_PUBKEY: join(work, 'pubkey'),
    LAB_KERNEL: kernelPackage,
    LAB_DISK_SIZE: diskSize,
    LAB_OUT: join(work, 'out')
  }
  await run('mmdebstrap', args, work, signal, environment)
}

async function collect(work: string, fresh: string): Promise<void> {
  await run('cp', ['--sparse=always', '-r', 'out/.', fresh], work)
  await cp(join(work, 'keys'), fresh, { recursive: true })
  const image = imageIn(fresh)
  await chmod(image.identity, 0o600)
  for (const file of Object.values<string>({ ...image })) {
    if (!existsSync(file)) throw new LabVmError('build-failed', `The build left no ${file}`)
  }
}

async function seedDebs(folder: string): Promise<void> {
  await mkdir(folder)
  await mkdir(debCache, { recursive: true, mode: 0o700 })
  for (const name of await readdir(debCache)) {
    const [from, to] = [join(debCache, name), join(folder, name)]
    await link(from, to).catch(() => cp(from, to))
  }
}

/** The cache keeps what this build used; an older version of a package goes. Apt trusts a cached file's size. */
async function keepDebs(folder: string): Promise<void> {
  const used = new Set((await readdir(folder)).filter((name) => name.endsWith('.deb')))
  const cached = new Set(await readdir(debCache))
  for (const name of [...used].filter((name) => !cached.has(name))) {
    const partial = join(debCache, `.${name}.partial`)
    await cp(join(folder, name), partial)
    await rename(partial, join(debCache, name))
  }
  for (const name of [...cached].filter((name) => !used.has(name))) await rm(join(debCache, name), { force: true })
}

async function run(
  command: string,
  args: readonly string[],
  cwd: string,
  signal?: AbortSignal,
  environment: NodeJS.ProcessEnv = {}
): Promise<void> {
  const env = { ...process.env, PATH: toolPath, LC_ALL: 'C.UTF-8', ...environment }
  const child = spawn(command, args, { cwd, env, signal, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text))
  }
  // An aborted program is waited for too: mmdebstrap takes its chroot down before it ends.
  let failure: Error | undefined
  child.once('error', (error) => (failure = error))
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  if (failure) throw new LabVmError('build-failed', `${command}: ${failure.message}`, { cause: failure })
  if (code !== 0) throw new LabVmError('build-failed', `${command} failed with ${code}:\n${tail(output, 40)}`)
}

async function buildFromCommandLine(): Promise<void> {
  const stop = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort())
  await buildLocked(stop.signal)
}

if (import.meta.main) {
  try {
    if (process.argv.includes('--locked')) await buildFromCommandLine()
    else console.log((await ensureVmImage((line) => console.error(line))).dir)
  } catch (error) {
    console.error(error instanceof LabVmError ? error.message : error)
    process.exitCode = 1
  }
}
