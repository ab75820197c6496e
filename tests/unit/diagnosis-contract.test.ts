// SPDX-License-Identifier: GPL-2.0-or-later
// The kinds of diagnoses stand in C and in TypeScript; both are the same list in the same order.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { diagnosisKinds } from '../../main/api/diagnosis.ts'

const root = join(import.meta.dirname, '../..')
const header = readFileSync(join(root, 'native/include/pmpool/diagnose.h'), 'utf8')
const kinds = [...header.matchAll(/^\s+X\(([A-Z_]+), "([a-z-]+)"\)/gm)].map(([, id = '', name = '']) => ({ id, name }))

describe('kinds of diagnoses', () => {
  it('are those of diagnose.h, in its order', () => {
    expect(kinds.length).toBeGreaterThan(10)
    expect(kinds.map((kind) => kind.name)).toEqual([...diagnosisKinds])
  })

  it('are named after their constants', () => {
    for (const { id, name } of kinds) expect(name).toBe(id.toLowerCase().replaceAll('_', '-'))
  })

  it('are all explained in docs/diagnosis.md', () => {
    const docs = readFileSync(join(root, 'docs/diagnosis.md'), 'utf8')
    for (const kind of diagnosisKinds) expect(docs).toContain(`| \`${kind}\``)
  })
})
