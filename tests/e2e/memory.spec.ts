// SPDX-License-Identifier: GPL-2.0-or-later
// Patterns, memory tests and faults, and what the verdict makes of them.
import { readFile } from 'node:fs/promises'
import { expect, test } from './support/fixtures.ts'

test('a pattern on free pages is checked, and damage in it is diagnosed', async ({ ui, page, lab }) => {
  await ui.createPool('lab', { offset: '0', size: '8M' })
  await ui.allocate({ pages: 8, name: 'state' })
  await ui.tab('Memory tests')
  const patterns = page.getByRole('region', { name: 'Patterns' })
  await patterns.getByRole('button', { name: 'Fill' }).click()
  await expect(patterns.getByText(/free pages filled/)).toBeVisible()
  await patterns.getByRole('button', { name: 'Check' }).click()
  await expect(patterns.getByText('intact', { exact: true })).toBeVisible()

  await lab.damage(0x1_0000_0000 + 1000 * 4096 + 8, Uint8Array.of(0x09)) // it was 8, as its address ends
  await patterns.getByRole('button', { name: 'Check' }).click()
  await expect(patterns.getByText('changed', { exact: true }).first()).toBeVisible()
  await expect(patterns.getByRole('region', { name: 'Diagnosis' })).toContainText('page')

  await patterns.getByLabel('From page or address').fill('0x1')
  await expect(patterns.getByText(/A page is a number/)).toBeVisible()
  await expect(patterns.getByRole('button', { name: 'Fill' })).toBeDisabled()
})

test('a memory test leaves its result on the host', async ({ ui, page }) => {
  await ui.createPool('lab', { offset: '0', size: '4M' })
  await ui.tab('Memory tests')
  const tests = page.getByRole('region', { name: 'Memory test', exact: true })
  await tests.getByRole('button', { name: 'Test', exact: true }).click()
  await expect(tests.getByText('passed').first()).toBeVisible()
  await page.reload()
  await expect(tests.getByRole('table', { name: 'Earlier tests' }).getByText('passed')).toBeVisible()
  await ui.tab('Timeline')
  await expect(page.getByRole('gridcell', { name: 'test', exact: true })).toBeVisible()
})

test('faults put in between the boots are named by the verdict, and in its reports', async ({ ui, page, lab }) => {
  await ui.createPool('lab')
  await ui.allocate({ pages: 64, name: 'frames', owner: 'kvm' })
  await ui.writeFile('frames.bin', Buffer.from(Array.from({ length: 64 * 4096 }, (_, i) => (i * 131 + (i >> 8)) & 255)))
  await expect(ui.detail.getByText('Equal to frames.bin')).toBeVisible()
  await ui.plan()
  const held = await lab.hold()
  await ui.startRun()
  await expect(page.getByText('is away:')).toBeVisible()
  const helper = await lab.openHelper()
  const { pools } = await helper.ask('pool/list', {})
  const pool = pools[0]?.uuid ?? ''
  await helper.ask('fault/inject', { pool, kind: 'bit-flip', pages: 3, seed: 1 })
  await helper.close()
  await held.go()

  await expect(ui.verdict.getByText('Not intact', { exact: true })).toBeVisible()
  const diagnosis = ui.verdict.getByRole('region', { name: 'Diagnosis' })
  await expect(diagnosis).toContainText('bit-flip')
  await expect(diagnosis).toContainText('3 pages')
  for (const [button, what] of [
    ['HTML', '<!doctype html>'],
    ['JSON', '"content-changed"'],
    ['JUnit', '<testsuite'],
    ['KTAP', 'KTAP version 1']
  ] as const) {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      ui.verdict.getByRole('button', { name: button }).click()
    ])
    expect((await readFile(await download.path(), 'utf8')).toLowerCase()).toContain(what.toLowerCase())
  }
})

test('a fault is put in from the page', async ({ ui, page }) => {
  await ui.createPool('lab')
  await ui.allocate({ pages: 16, name: 'frames' })
  await ui.writeFile('frames.bin', Buffer.alloc(16 * 4096, 'abcdefg'))
  await expect(ui.detail.getByText('Equal to frames.bin')).toBeVisible()
  await ui.tab('Memory tests')
  const faults = page.getByRole('region', { name: 'Fault injection' })
  await faults.getByLabel('Fault', { exact: true }).selectOption('zeroed')
  await faults.getByLabel('Pages to spoil').fill('2')
  await faults.getByLabel('Seed').fill('7')
  await faults.getByRole('button', { name: 'Inject' }).click()
  await expect(faults.getByText('2 faults of kind zeroed put in, seed 7.')).toBeVisible()
})
