// SPDX-License-Identifier: GPL-2.0-or-later
import { writeFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { asFailure } from '../../main/api/failure.ts'

/** What `act` throws, as the page is told. */
function failureOf(act: () => void): string {
  try {
    act()
  } catch (error) {
    return asFailure(error).name
  }
  return 'none'
}

it('a full disk is called one, what nobody foresaw a defect', () => {
  expect(failureOf(() => writeFileSync('/dev/full', 'x'))).toBe('disk-full')
  expect(failureOf(() => void JSON.parse('{'))).toBe('internal')
})
