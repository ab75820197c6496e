// SPDX-License-Identifier: GPL-2.0-or-later
// Writes resources/schema/*.schema.json, the schemas of reports as JSON, from the contract (main/api).
// With --check it only says whether the files are current.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import * as prettier from 'prettier'
import { z } from 'zod'
import { Comparison, MemoryTest, Verdict } from '../main/api/index.ts'
import { inProject } from './lib/root.mjs'

/** By the name that native/report/report.c gives them. */
const documents = {
  verdict: [Verdict, 'A verdict of Pmpool Lab: what of a pool came through a kexec'],
  comparison: [Comparison, 'Two states of a pool beside each other'],
  'memory-test': [MemoryTest, 'Result of a memory test']
} as const

export type Document = keyof typeof documents
export const documentNames = Object.keys(documents) as Document[]

/** Where reports say that their schema is; nothing is ever looked for there. */
const address = (name: Document): string => `https://pmpool-lab.example/schema/${name}.schema.json`
export const schemaFile = (name: Document): string => inProject('resources', 'schema', `${name}.schema.json`)

export async function generated(name: Document): Promise<string> {
  const [type, title] = documents[name]
  const { $schema, ...schema } = z.toJSONSchema(type, { target: 'draft-2020-12' })
  const whole = {
    $schema,
    $id: address(name),
    $comment: 'SPDX-License-Identifier: GPL-2.0-or-later. Generated from main/api by npm run docs:schemas.',
    title,
    ...schema,
    properties: { $schema: { const: address(name) }, ...schema.properties }
  }
  const options = (await prettier.resolveConfig(schemaFile(name))) ?? {}
  return prettier.format(JSON.stringify(whole), { ...options, parser: 'json' })
}

function stored(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

if (import.meta.main) {
  for (const name of documentNames) {
    const [file, text] = [schemaFile(name), await generated(name)]
    if (stored(file) === text) continue
    if (process.argv.includes('--check')) {
      console.error(`resources/schema/${name}.schema.json is not what main/api says: npm run docs:schemas`)
      process.exitCode = 1
    } else {
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, text)
    }
  }
}
