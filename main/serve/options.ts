// SPDX-License-Identifier: GPL-2.0-or-later
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { SshTarget } from '../api/index.ts'

export const usage = `Usage: npm start -- --headless [OPTION]...

Serves Pmpool Lab to a browser on this machine, on 127.0.0.1 only, and prints its URL. The token in the URL works once;
for another URL press Enter, or send SIGUSR2 where there is no terminal. Ctrl-C ends the lab.

  --port N             listen there instead of on a free port
  --data DIR           keep hosts and runs in DIR (default: $XDG_STATE_HOME/pmpool-lab, ~/.local/state/pmpool-lab)
  --helper PATH        the pmpool of this machine (default: the one built or installed with the lab)
  --host SSHTARGET     have this host too, over ssh; may be given more than once
  --ssh-config FILE    ssh -F FILE for hosts over ssh
  --no-simulated       without the simulated host
  --region-size SIZE   region of the simulated host when it is made, such as 64M; several: 64M,64M,1G
  --headless           accepted here as well
  --help               print this
`

export interface ServeOptions {
  readonly help: boolean
  readonly port: number
  readonly data: string | undefined
  readonly helper: string | undefined
  readonly hosts: readonly string[]
  readonly sshConfig: string | undefined
  readonly simulated: boolean
  readonly regionSize: string | undefined
}

/** Of the lab itself, headless or in its window; for util.parseArgs. */
export const labOptions = {
  data: { type: 'string' },
  helper: { type: 'string' },
  host: { type: 'string', multiple: true },
  'ssh-config': { type: 'string' },
  'no-simulated': { type: 'boolean' },
  'region-size': { type: 'string' }
} as const

/** What was typed makes no sense; the message says which part. */
export class UsageError extends Error {}

export function parseOptions(args: readonly string[]): ServeOptions {
  const { values } = parsed(args)
  return {
    help: values.help ?? false,
    port: port(values.port),
    data: path(values.data),
    helper: path(values.helper),
    hosts: (values.host ?? []).map(sshTarget),
    sshConfig: path(values['ssh-config']),
    simulated: !(values['no-simulated'] ?? false),
    regionSize: size(values['region-size'])
  }
}

const parsed = (args: readonly string[]) => {
  try {
    return parseArgs({
      args: [...args],
      options: {
        ...labOptions,
        headless: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
        port: { type: 'string' }
      }
    })
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

const path = (given: string | undefined): string | undefined => {
  if (given === '') throw new UsageError('A path is empty.')
  return given === undefined ? undefined : resolve(given)
}

function port(given = '0'): number {
  const number = /^\d{1,5}$/.test(given) ? Number(given) : NaN
  if (!(number <= 65_535)) throw new UsageError(`--port ${given}: a number from 0 to 65535 is meant.`)
  return number
}

function sshTarget(given: string): string {
  const target = SshTarget.safeParse(given)
  if (!target.success) throw new UsageError(`--host ${JSON.stringify(given)}: not an ssh destination.`)
  return target.data
}

function size(given: string | undefined): string | undefined {
  if (given !== undefined && !/^[1-9]\d{0,15}[KMGT]?(?:,[1-9]\d{0,15}[KMGT]?)*$/.test(given)) {
    throw new UsageError(
      `--region-size ${given}: a number of bytes is meant, or one with K, M, G or T, such as 64M; several are joined by commas.`
    )
  }
  return given
}
