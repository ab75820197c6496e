// SPDX-License-Identifier: GPL-2.0-or-later
/** The lab without Electron. Runs bundled (out/main/serve.js) and as it is (node main/serve/index.ts). */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { findLibrary } from '../files/index.ts'
import { findHelper } from '../helper/index.ts'
import { Lab } from '../lab/index.ts'
import { parseOptions, usage, UsageError, type ServeOptions } from './options.ts'
import { LabServer } from './server.ts'

/** The project's, or the package's: where its package.json is. */
function findRoot(from: string): string {
  return existsSync(join(from, 'package.json')) || dirname(from) === from ? from : findRoot(dirname(from))
}
const root = findRoot(import.meta.dirname)
/** Beside the bundle; of the source, where the build puts it. */
const bundled = join(import.meta.dirname, '..', 'renderer')
const page = existsSync(bundled) ? bundled : join(root, 'out', 'renderer')
/** Whoever ends the lab waits for it no longer than this. */
const endWithinMs = 950

const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }

function options(): ServeOptions {
  try {
    return parseOptions(process.argv.slice(2))
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    process.stderr.write(`${error.message}\n\n${usage}`)
    process.exit(2)
  }
}

async function serve(given: ServeOptions): Promise<void> {
  const places = { root, resources: (process as { resourcesPath?: string }).resourcesPath }
  const lab = await Lab.open({
    mode: 'headless',
    version,
    dataDir: given.data,
    program: given.helper ?? findHelper(places),
    library: findLibrary(places),
    simulated: given.simulated,
    regionSize: given.regionSize,
    sshConfigFile: given.sshConfig,
    sshTargets: given.hosts
  })
  const server = await LabServer.listen({ lab, page, port: given.port })
  const print = (): void => console.log(`Pmpool Lab: ${server.newUrl()}`)
  endOnSignals(async () => {
    await Promise.all([server.close(), lab.dispose()])
  })
  process.on('SIGUSR2', print) // not SIGUSR1: that is Node's own, and opens its debugger
  if (process.stdin.isTTY) {
    process.stdin.on('error', () => undefined) // the terminal was closed
    process.stdin.on('data', print)
  }
  print()
}

function endOnSignals(close: () => Promise<void>): void {
  const end = (): void => {
    setTimeout(() => process.exit(0), endWithinMs)
    close().then(
      () => process.exit(0),
      () => process.exit(0)
    )
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, end)
}

const given = options()
if (given.help) process.stdout.write(usage)
else {
  await serve(given).catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : String(error))
    process.exit(1)
  })
}
