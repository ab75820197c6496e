// SPDX-License-Identifier: GPL-2.0-or-later
import { parseArgs } from 'node:util'
import { parseOptions, type ServeOptions } from '../serve/options.ts'

const own = {
  data: { type: 'string' },
  helper: { type: 'string' },
  host: { type: 'string', multiple: true },
  'ssh-config': { type: 'string' },
  'no-simulated': { type: 'boolean' },
  'region-size': { type: 'string' }
} as const

/**
 * The lab's options among the arguments; Electron's and Chromium's own stand there, too, and are left alone.
 * @param argv all of process.argv: nothing before the options looks like one of them
 * @throws UsageError when one of them makes no sense
 */
export function readOptions(argv: readonly string[]): ServeOptions {
  const { tokens } = parseArgs({ args: [...argv], options: own, strict: false, tokens: true })
  const given = tokens.flatMap((token) => {
    if (token.kind !== 'option' || !Object.hasOwn(own, token.name)) return []
    return token.value === undefined ? [token.rawName] : [`${token.rawName}=${token.value}`]
  })
  return parseOptions(given)
}
