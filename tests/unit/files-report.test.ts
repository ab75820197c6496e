// SPDX-License-Identifier: GPL-2.0-or-later
// Reports as main makes them: through libpmpool, off the main thread.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { PmpoolError } from '../../main/api/failure.ts'
import { Comparison, labMethods, MemoryTest, Verdict } from '../../main/api/index.ts'
import { FileLibrary } from '../../main/files/index.ts'
import { schemaFile } from '../../scripts/generate-schemas.ts'
import { inProject } from '../../scripts/lib/root.mjs'
import { library, refusal } from './lab-support.ts'

const files = (file: string | undefined = library): FileLibrary =>
  new FileLibrary({
    directory: '/nowhere',
    library: file,
    request: () => Promise.reject(new Error('no host is asked for a report'))
  })
/** What native/tests/test_report.c reports as well. */
const specimen = (name: string): unknown =>
  JSON.parse(readFileSync(inProject('native', 'tests', 'reports', `${name}.json`), 'utf8'))

const specimens = [
  ['verdict', 'verdict', Verdict, 'verdict-bench-20261122-192230'],
  ['intact', 'verdict', Verdict, 'verdict-bench-20261122-192230'],
  ['comparison', 'comparison', Comparison, 'comparison-monday.pmsnap-now'],
  ['memory-test', 'memory-test', MemoryTest, 'memory-test-bench-test-1']
] as const
const formats = [
  ['html', 'html', 'text/html', '<!DOCTYPE html>'],
  ['json', 'json', 'application/json', '{\n  "$schema": '],
  ['junit', 'junit.xml', 'application/xml', '<?xml version="1.0" encoding="UTF-8"?>\n<testsuite '],
  ['ktap', 'ktap', 'text/plain', 'KTAP version 1\n1..'],
  ['text', 'txt', 'text/plain', '']
] as const

describe.each(specimens)('a report of the specimen %s', (name, document, type, title) => {
  const object = type.strict().parse(specimen(name)) as Verdict

  it.each(formats)('as %s has a name, a type and its beginning', async (format, extension, mime, begins) => {
    const report = await files().report(object, format)
    expect(labMethods['report/make'].result.parse(report)).toEqual(report)
    expect(report).toMatchObject({ name: `${title}.${extension}`, mime })
    expect(report.text.startsWith(begins)).toBe(true)
  })

  it('as JSON is the object itself, and what its schema says', async () => {
    const { text } = await files().report(object, 'json')
    const { $schema, ...rest } = JSON.parse(text) as Record<string, unknown>
    // the specimen’s hostile character is replaced in every format
    expect(rest).toEqual(JSON.parse(JSON.stringify(object).replaceAll('\u202e', '\ufffd')))
    const schema = JSON.parse(readFileSync(schemaFile(document), 'utf8')) as { $id: string }
    expect($schema).toBe(schema.$id)
    expect(z.fromJSONSchema(schema as never).safeParse(JSON.parse(text)).error).toBeUndefined()
    expect(z.fromJSONSchema(schema as never).safeParse({ ...rest, pool: 7 }).success).toBe(false)
  })
})

describe('making reports', () => {
  it('goes on for many at once', async () => {
    const [one, other] = [Verdict.parse(specimen('verdict')), MemoryTest.parse(specimen('memory-test'))]
    const shared = files()
    const texts = await Promise.all(
      Array.from({ length: 40 }, (_, n) => shared.report(n % 2 ? one : other, 'html').then(({ text }) => text))
    )
    expect(new Set(texts).size).toBe(2)
  })

  it('refuses what is none of the three', async () => {
    expect(await refusal(files().report({} as Verdict, 'html'))).toMatchObject({ code: -32602 })
  })

  it.each([['/nowhere/libpmpool.so'], [inProject('package.json')]])(
    'without libpmpool at %s says what to do',
    async (file) => {
      const error = await refusal(files(file).report(Verdict.parse(specimen('intact')), 'text'))
      expect(error).toBeInstanceOf(PmpoolError)
      expect(error).toMatchObject({ name: 'unsupported', code: 1910 })
      expect(error.message).toContain(file)
      expect(error.remedy).toContain('npm run setup')
    }
  )
})
