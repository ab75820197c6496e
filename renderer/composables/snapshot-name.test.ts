// SPDX-License-Identifier: GPL-2.0-or-later
import { expect, test } from 'vitest'
import { FileName } from '@api'
import { snapshotName } from './snapshot-name.ts'

const now = new Date(2026, 10, 22, 13, 5, 9)

test.each([
  ['lab', 'lab-20261122-130509'],
  ['über pool', '-ber-pool-20261122-130509'],
  ['..', '--20261122-130509'],
  ['x'.repeat(63), `${'x'.repeat(60)}-20261122-130509`]
])('the pool %j gives a name that the contract takes', (pool, name) => {
  expect(snapshotName(pool, now)).toBe(name)
  expect(FileName.safeParse(name).success).toBe(true)
})
