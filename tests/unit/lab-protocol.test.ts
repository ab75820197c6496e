// SPDX-License-Identifier: GPL-2.0-or-later
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { errorCodes } from '../../main/api/index.ts'
import { failure, type OwnErrorName } from '../../main/api/failure.ts'
import { inProject } from '../../scripts/lib/root.mjs'
import { generated } from '../../scripts/generate-protocol.ts'
import { errorRows } from '../../scripts/protocol/errors.ts'

const rows = errorRows(readFileSync(inProject('native/include/pmpool/error.h'), 'utf8'))

describe('the error table', () => {
  it('has the same names and numbers in C and in TypeScript', () => {
    expect(errorCodes).toEqual(Object.fromEntries(rows.map(({ name, code }) => [name, code])))
  })

  const own: OwnErrorName[] = [
    'preflight-failed',
    'permission-denied',
    'version-mismatch',
    'internal',
    'host-unreachable',
    'helper-gone',
    'run-not-found',
    'run-state',
    'unsupported',
    'host-not-found'
  ]
  it.each(own)('says the same about %s wherever it starts', (name) => {
    const { code, reason, remedy } = failure(name, 'this time')
    expect(rows).toContainEqual({ code, name, reason, remedy })
  })

  it('is refused when a row cannot be read', () => {
    expect(() => errorRows('X(1, A, "a", "b", "c") X(2, B, "b", broken)')).toThrow('2 rows begin, 1 could be read')
  })
})

describe('docs/protocol.md', () => {
  it('is what the contract says', async () => {
    expect(readFileSync(inProject('docs/protocol.md'), 'utf8')).toBe(await generated())
  })
})
