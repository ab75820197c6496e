// SPDX-License-Identifier: GPL-2.0-or-later
// `npm run vm`: a lab VM to play with, up until Ctrl-C.
import { existsSync } from 'node:fs'
import { join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { LabVm, sshHost } from '../tests/vm/driver.ts'

const root = join(import.meta.dirname, '..')
const defaultHelper = join(root, 'build/native/helper/pmpool')

const usage = `Usage: npm run vm -- [options]

Starts a Debian guest under QEMU that gives a range of its memory away, for the lab to manage over ssh.

  --memmap RANGE   what the guest's kernel leaves alone, or "none"; quote the $
                   (default: '64M$0x10000000')
  --mem MIB        the guest's memory (default: 512)
  --helper FILE    pmpool binary to install in it (default: the one that npm run setup builds)
  --help`

interface Choices {
  readonly append: string[]
  readonly memMiB: number
  readonly helper: string | undefined
}

/** The choices, or what is wrong with the arguments. */
function readArguments(): Choices | string {
  const { values } = parseArgs({
    options: {
      memmap: { type: 'string', default: '64M$0x10000000' },
      mem: { type: 'string', default: '512' },
      helper: { type: 'string' },
      help: { type: 'boolean', default: false }
    }
  })
  if (values.help) {
    console.log(usage)
    process.exit(0)
  }
  const memMiB = Number(values.mem)
  if (!Number.isSafeInteger(memMiB) || memMiB < 256) return '--mem is a number of MiB, at least 256'
  if (/\s/.test(values.memmap)) return '--memmap is one range without spaces'
  if (values.helper !== undefined && !existsSync(values.helper)) return `there is no ${values.helper}`
  const helper = values.helper ?? (existsSync(defaultHelper) ? defaultHelper : undefined)
  return { append: values.memmap === 'none' ? [] : [`memmap=${values.memmap}`], memMiB, helper }
}

function describe(vm: LabVm, { append, helper }: Choices): string {
  const config = vm.sshConfig
  const installed = helper
    ? `${relative(process.cwd(), helper)} is its /usr/bin/pmpool`
    : 'It has no pmpool: npm run setup builds one'
  return `
The lab VM is up${append.length ? ` with ${append.join(' ')}` : ''}. ${installed}.

  a shell in it       ssh -F ${config} ${sshHost}
  open it in the lab  npm start -- --ssh-config ${config} --host ${sshHost}

Ctrl-C ends it.`
}

/** Resolves at Ctrl-C or SIGTERM, or when the guest powers itself off. */
async function untilEnd(vm: LabVm): Promise<void> {
  const asked = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
  })
  const end = await Promise.race([asked.then(() => 'asked'), vm.exited().then(() => 'gone')])
  if (end === 'gone') console.log('\nThe guest powered off or reset.')
}

async function main(): Promise<void> {
  const choices = readArguments()
  if (typeof choices === 'string') throw new Error(`${choices}\n\n${usage}`)
  console.log('Starting the lab VM …')
  const vm = await LabVm.start({ ...choices, report: (line) => console.log(line) })
  console.log(describe(vm, choices))
  await untilEnd(vm)
  await vm.stop()
}

try {
  await main()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
