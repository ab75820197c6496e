// SPDX-License-Identifier: GPL-2.0-or-later
// The names of patterns, memory tests and faults in main/api/memory.ts are those of the native headers, in their order.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { faultKinds, memoryTests, patternKinds } from '../../main/api/memory.ts'
import { inProject } from '../../scripts/lib/root.mjs'

/** The names in a table of a header: `#define TABLE(X)` and the lines that it goes on over. */
function namesOf(header: string, table: string): string[] {
  const text = readFileSync(inProject('native', 'include', 'pmpool', header), 'utf8')
  const lines = text.split('\n')
  const start = lines.findIndex((line) => line.startsWith(`#define ${table}(X)`))
  expect(start, `${table} stands in ${header}`).toBeGreaterThanOrEqual(0)
  const end = lines.findIndex((line, index) => index >= start && !line.trimEnd().endsWith('\\'))
  const rows = lines.slice(start + 1, end + 1)
  return rows.flatMap((row) => /^\tX\([A-Z_]+, "([^"]+)"\)/.exec(row)?.slice(1) ?? [])
}

const tables = [
  { header: 'pattern.h', table: 'PM_PATTERNS', names: patternKinds },
  { header: 'pattern.h', table: 'PM_MEMORY_TESTS', names: memoryTests },
  { header: 'fault.h', table: 'PM_FAULTS', names: faultKinds }
] as const

describe('names of memory.ts', () => {
  it.each(tables)('are those of $table', ({ header, table, names }) => {
    const native = namesOf(header, table)
    expect(native.length).toBeGreaterThan(0)
    expect([...names]).toStrictEqual(native)
  })

  it.each(tables)('are each made of words with a dash: $table', ({ names }) => {
    expect(new Set(names).size).toBe(names.length)
    for (const name of names) expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/)
  })
})
