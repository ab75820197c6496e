// SPDX-License-Identifier: GPL-2.0-or-later
import { expect, test } from 'vitest'
import { lineage } from './lineage.ts'

const on = (name: string, parent?: string) => ({
  name,
  parent: parent === undefined ? null : { name: parent, digest: '', present: true }
})

test.each([
  ['none builds on another', [on('b'), on('a')], ['b', 'a']],
  ['children follow their parent', [on('c', 'b'), on('x'), on('b', 'a'), on('a')], ['x', 'a', ' b', '  c']],
  ['a parent that is not there', [on('b', 'gone')], ['b']],
  ['a circle', [on('a', 'b'), on('b', 'a'), on('c')], ['c', 'a', ' b']]
])('%s', (_, snapshots, rows) => {
  expect(lineage(snapshots).map(({ snapshot, depth }) => ' '.repeat(depth) + snapshot.name)).toEqual(rows)
})
