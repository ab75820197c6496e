// SPDX-License-Identifier: GPL-2.0-or-later
// From a fault that is really there to a document that names it: helper, lab, libpmpool.
import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { PageConnection } from '../../main/api/client.ts'
import { Verdict, type HelperParams, type LabParams, type Report } from '../../main/api/index.ts'
import { Bench, pageBytes, work, type Work } from './lab-support.ts'

type Kind = HelperParams<'fault/inject'>['kind']
type Format = LabParams<'report/make'>['format']

let bench: Bench
let page: PageConnection
let given: Work

beforeEach(async () => {
  bench = new Bench()
  const lab = await bench.lab()
  page = bench.page(lab)
  given = await work(lab)
  const data = randomBytes(16 * pageBytes).toString('base64')
  await given.host.request('allocation/write', { pool: given.pool.uuid, page: given.page, offset: 0, data })
})
afterEach(() => bench.clear())

/** Of the pool as it was expected, with this fault put into its allocation; no kexec lies between. */
async function verdictOn(kind: Kind, content: 'always' | 'never'): Promise<Verdict> {
  const pool = given.pool.uuid
  const nonce = randomBytes(16).toString('hex')
  const { id } = await given.host.request('expectation/create', { pool, nonce, content })
  const { faults } = await given.host.request('fault/inject', {
    pool,
    kind,
    seed: 7,
    from: given.page,
    to: given.page + 16
  })
  expect(faults.length).toBeGreaterThan(0)
  return given.host.request('verdict/reach', { expectation: id })
}

const report = (of: Verdict, format: Format): Promise<Report> => page.request('report/make', { of, format })
const escaped = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')

describe('a verdict on a pool with a fault', () => {
  it.each([
    ['bit-flip', 'always', 'bit-flip'],
    ['bit-flip', 'never', 'bit-flip'],
    ['zeroed', 'never', 'zeroed'],
    ['elf', 'always', 'elf']
  ] as const)('%s, content %s, is told in every format', async (kind, content, named) => {
    const verdict = await verdictOn(kind, content)
    expect(verdict).toMatchObject({ intact: false, class: 'content-changed' })
    const diagnosis = verdict.diagnoses.find((one) => one.kind === named)
    expect(diagnosis, JSON.stringify(verdict.diagnoses)).toBeDefined()
    const { title = '', detail = '' } = diagnosis ?? {}

    const html = await report(verdict, 'html')
    expect(html.text).toContain('<h1>Content changed</h1>')
    expect(html.text).toContain(`<h3>${escaped(title)}</h3>`)
    expect(html.text).toContain(escaped(detail))
    for (const check of verdict.checks) expect(html.text).toContain(escaped(check.title))
    for (const record of verdict.records) expect(html.text).toContain(escaped(record.name))

    const json = JSON.parse((await report(verdict, 'json')).text) as object
    expect(Verdict.parse(json)).toEqual(verdict)

    const cases = verdict.checks.length + verdict.records.length + verdict.diagnoses.length
    expect((await report(verdict, 'junit')).text).toContain(` tests="${cases}" `)
    expect((await report(verdict, 'ktap')).text).toContain(`KTAP version 1\n1..${cases}\n`)
    expect((await report(verdict, 'text')).text).toMatch(/^Content changed: /)
  })
})
