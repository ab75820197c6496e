// SPDX-License-Identifier: GPL-2.0-or-later
import { parseArgs } from 'node:util'
import { labOptions, parseOptions, type ServeOptions } from '../serve/options.ts'

/**
 * The lab's options among the arguments; Electron's and Chromium's own stand there, too, and are left alone.
 * @param argv all of process.argv: nothing before the options looks like one of them
 * @throws UsageError when one of them makes no sense
 */
export function readOptions(argv: readonly string[]): ServeOptions {
  const { tokens } = parseArgs({ args: [...argv], options: labOptions, strict: false, tokens: true })
  const given = tokens.flatMap((token) => {
    if (token.kind !== 'option' || !Object.hasOwn(labOptions, token.name)) return []
    return token.value === undefined ? [token.rawName] : [`${token.rawName}=${token.value}`]
  })
  return parseOptions(given)
}
