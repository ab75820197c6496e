// SPDX-License-Identifier: GPL-2.0-or-later
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { defaultDataDirectory } from '../lab/index.ts'

export interface ShellOptions {
  readonly dataDir: string
  readonly sshConfigFile: string | undefined
  readonly sshTargets: readonly string[]
  readonly regionSize: string | undefined
}

/**
 * The lab's options among the arguments; Electron's and Chromium's own stand there, too, and are left alone.
 * @param argv all of process.argv: nothing before the options is one of them
 */
export function readOptions(argv: readonly string[]): ShellOptions {
  const { values } = parseArgs({
    args: [...argv],
    strict: false,
    options: {
      data: { type: 'string' },
      'ssh-config': { type: 'string' },
      host: { type: 'string', multiple: true },
      'region-size': { type: 'string' }
    }
  })
  const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)
  const path = (value: unknown): string | undefined => (text(value) === undefined ? undefined : resolve(String(value)))
  return {
    dataDir: path(values.data) ?? defaultDataDirectory(),
    sshConfigFile: path(values['ssh-config']),
    sshTargets: (values.host ?? []).filter((target) => typeof target === 'string'),
    regionSize: text(values['region-size'])
  }
}
