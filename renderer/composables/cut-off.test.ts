// SPDX-License-Identifier: GPL-2.0-or-later
import { describe, expect, test } from 'vitest'
import { failure, fromWire } from '@api/failure.ts'
import { isCutOff } from './cut-off.ts'

describe('a request that got no answer', () => {
  test.each([
    ['the helper ended', failure('helper-gone', 'exit code 0'), true],
    ['the host is away', failure('host-unreachable', 'board-7 is away.'), true],
    ['the lab ended', fromWire({ code: -32097, message: 'closed' }), true],
    ['it was refused', failure('permission-denied', 'no'), false],
    ['a defect', new TypeError('x is undefined'), false]
  ])('%s', (_, error, expected) => {
    expect(isCutOff(error)).toBe(expected)
  })
})
