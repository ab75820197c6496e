// SPDX-License-Identifier: GPL-2.0-or-later
// Who did what when, across boots.
import { expect, test } from './support/fixtures.ts'

test('a kexec is a seam, and two cursors tell what lies between them', async ({ ui, page, lab }) => {
  await ui.createPool('story')
  await ui.allocate({ pages: 8, name: 'first', owner: 'nvme' })
  await ui.plan()
  await ui.startRun()
  await expect(ui.verdict).toBeVisible()
  const helper = await lab.openHelper()
  const pool = (await helper.ask('pool/list', {})).pools[0]?.uuid ?? ''
  await helper.ask('allocation/create', { pool, pages: 5 })
  await ui.tab('Timeline')
  const chart = page.getByRole('img', { name: /Allocated memory over \d+ events and 2 boots\./ })
  await expect(chart).toBeVisible()
  const rows = page.getByRole('grid', { name: /events/ })
  await expect(rows.getByRole('row', { name: /allocate/ })).toHaveCount(2)
  await rows.getByRole('row', { name: /pool-create/ }).click()
  await rows
    .getByRole('row', { name: /allocate/ })
    .first()
    .click({ modifiers: ['Shift'] })
  const between = page.getByRole('complementary', { name: 'Between the cursors' })
  await expect(between).toContainText('1 change, 1 kexec')
  await expect(between).toContainText('+52 KiB') // 13 pages
  // what another process does comes to the end by itself
  await helper.ask('allocation/create', { pool, pages: 3 })
  await expect(rows.getByRole('row', { name: /allocate/ })).toHaveCount(3)
  await helper.close()
})

test('events are filtered by words and kinds, and lead to their pages on the map', async ({ ui, page }) => {
  await ui.createPool('story')
  await ui.allocate({ pages: 8, name: 'first', owner: 'nvme' })
  await ui.tab('Timeline')
  const rows = page.getByRole('grid', { name: /event/ })
  await page.getByRole('button', { name: 'pool', exact: true }).click()
  await expect(rows.getByRole('row', { name: /pool-create/ })).toHaveCount(0)
  await page.keyboard.press('/')
  await page.keyboard.type('alloc')
  await expect(page.getByText(/^1 of \d+ events/)).toBeVisible()
  await rows.getByRole('row', { name: /allocate/ }).click()
  await page.getByRole('button', { name: 'Show A on the map' }).click()
  await expect(page.getByRole('tab', { name: 'Map' })).toHaveAttribute('aria-selected', 'true')
  await expect(ui.detail).toContainText('first')
})
