// SPDX-License-Identifier: GPL-2.0-or-later
// Snapshot files in the lab itself, read without any helper.
import { readFile, stat } from 'node:fs/promises'
import { expect, test } from './support/fixtures.ts'

test('snapshots are kept, compared and exported in the lab', async ({ ui, page, lab }) => {
  await ui.createPool('lab')
  await ui.allocate({ pages: 8, name: 'state', owner: 'vfio' })
  await ui.writeFile('state.bin', Buffer.alloc(8 * 4096, 'content '))
  await expect(ui.detail.getByText('Equal to state.bin')).toBeVisible()
  const address = Number(await ui.detail.locator('code', { hasText: '0x' }).first().textContent())
  await ui.takeSnapshot('one')
  await lab.damage(address, new Uint8Array(4096))
  await ui.takeSnapshot('two', 'one')
  await page.getByRole('button', { name: 'Copy two to the lab' }).click()
  await ui.button('Files of the lab').click()
  await expect(page.getByRole('row', { name: /two/ })).toContainText('on one')

  await test.step('the one that it builds on came with it', async () => {
    await expect(page.getByRole('checkbox', { name: 'Choose one' })).toBeVisible()
    await page.getByRole('button', { name: 'Verify two' }).click()
    await expect(page.getByRole('row', { name: /on one/ }).getByText('whole')).toBeVisible()
  })
  await test.step('two of them beside each other', async () => {
    await page.getByRole('checkbox', { name: 'Choose one' }).check()
    await page.getByRole('checkbox', { name: 'Choose two' }).check()
    await ui.button('Compare the two chosen').click()
    const comparison = page.getByRole('region', { name: 'Comparison' })
    await expect(comparison).toContainText('zeroed')
    await expect(comparison.getByRole('region', { name: 'Allocations that differ' })).toContainText('state')
  })
  await test.step('an ELF core', async () => {
    await page.getByRole('button', { name: 'Export two as an ELF core' }).click()
    const path = await page.getByText('Exported,').locator('xpath=..').locator('code').textContent()
    expect((await readFile(path ?? '')).subarray(0, 4)).toEqual(Buffer.from('\x7fELF', 'latin1'))
    expect((await stat(path ?? '')).isFile()).toBe(true)
  })
})

test('a file is brought to the lab; what is none is refused', async ({ ui, page }) => {
  await ui.createPool('lab')
  await ui.allocate({ pages: 8, name: 'state' })
  await ui.takeSnapshot('one')
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download one' }).click()
  ])
  const content = await readFile(await download.path())
  await ui.button('Files of the lab').click()
  await expect(page.getByText('No file yet.')).toBeVisible()
  const bring = (name: string, buffer: Buffer): Promise<void> =>
    page.getByLabel('Snapshot files').setInputFiles({ name, mimeType: 'application/octet-stream', buffer })
  await bring('my own.pmsnap', content)
  await expect(page.getByRole('row', { name: /my-own/ })).toContainText('lab')
  await bring('cut.pmsnap', content.subarray(0, content.length - 100))
  await expect(page.getByRole('row', { name: /cut/ })).toContainText('file-truncated')
  await bring('holiday.jpg', Buffer.alloc(1000, 7))
  await expect(page.getByRole('alert')).toContainText('file-foreign')
  await expect(page.getByRole('row', { name: /holiday/ })).toHaveCount(0)

  await page.getByRole('button', { name: 'Delete cut' }).click()
  await ui.confirmation.getByRole('button', { name: 'Delete' }).click()
  await expect(page.getByRole('row', { name: /cut/ })).toHaveCount(0)
})
