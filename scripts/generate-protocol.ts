// SPDX-License-Identifier: GPL-2.0-or-later
// Writes docs/protocol.md from the contract (main/api) and the error table (native/include/pmpool/error.h).
// With --check it only says whether the file is current.
import { readFileSync, writeFileSync } from 'node:fs'
import * as prettier from 'prettier'
import { inProject } from './lib/root.mjs'
import { errorRows } from './protocol/errors.ts'
import { protocolPage } from './protocol/page.ts'

const file = inProject('docs', 'protocol.md')

export async function generated(): Promise<string> {
  const header = readFileSync(inProject('native', 'include', 'pmpool', 'error.h'), 'utf8')
  const options = (await prettier.resolveConfig(file)) ?? {}
  return prettier.format(protocolPage(errorRows(header)), { ...options, parser: 'markdown' })
}

function stored(): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

if (import.meta.main) {
  const text = await generated()
  const current = stored() === text
  if (process.argv.includes('--check')) {
    if (!current) {
      console.error('docs/protocol.md is not what main/api and error.h say: npm run docs:protocol')
      process.exitCode = 1
    }
  } else if (!current) {
    writeFileSync(file, text)
  }
}
