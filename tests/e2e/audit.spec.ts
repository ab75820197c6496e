// SPDX-License-Identifier: GPL-2.0-or-later
// How a pool is used, what nobody owns any more, and which pages are bad.
import { expect, test } from './support/fixtures.ts'

test('owners, orders and leaks are counted', async ({ ui, page, lab }) => {
  await ui.createPool('lab')
  await ui.allocate({ pages: 3000, name: 'large', owner: 'vfio' })
  await ui.allocate({ pages: 10, name: 'small', owner: 'kv' })
  await ui.allocate({ order: 4 })
  await ui.tab('Audit')
  const owners = page.getByRole('region', { name: 'By owner' })
  await expect(owners.getByRole('row')).toHaveCount(3)
  await expect(owners.getByRole('row').first()).toContainText('vfio')
  await expect(page.getByRole('region', { name: 'Fragmentation' }).getByRole('row').nth(1)).toContainText('4 KiB')
  const leaks = page.getByRole('region', { name: 'Leaks' })
  await expect(leaks.getByText('None.')).toBeVisible()

  // another boot: what has no name was made by nobody who still runs
  await ui.plan()
  await ui.startRun()
  await expect(ui.verdict).toBeVisible()
  await ui.tab('Audit')
  await expect(leaks.getByText('1 run, 64 KiB')).toBeVisible()
  await leaks.getByRole('button').first().click()
  await expect(ui.detail.getByRole('heading')).toHaveText('Unnamed allocation')
  expect(lab.output).not.toContain('Error')
})

for (const width of [1280, 1600, 1920, 2560]) {
  test(`no column of the fragmentation is cut at ${width}`, async ({ ui, page }) => {
    await page.setViewportSize({ width, height: 900 })
    await ui.createPool('lab')
    await ui.tab('Audit')
    const part = page.getByRole('region', { name: 'Fragmentation' })
    await expect(part.getByRole('columnheader', { name: 'Unusable for it' })).toBeVisible()
    const [wide, wanted] = await part.evaluate(({ clientWidth, scrollWidth }) => [clientWidth, scrollWidth])
    expect(wanted).toBe(wide)
    const bar = await part.locator('.bar').first().boundingBox()
    expect(bar?.width).toBeGreaterThanOrEqual(30)
  })
}

test('bad pages are fenced off and come back', async ({ ui, page }) => {
  await ui.createPool('lab')
  await ui.allocate({ order: 0, name: 'here' })
  await ui.tab('Audit')
  const bad = page.getByRole('region', { name: 'Bad pages' })
  await bad.getByLabel('Page', { exact: true }).fill('8000')
  await bad.getByLabel('Pages', { exact: true }).fill('4')
  await bad.getByLabel('Why').fill('memtest: stuck bit 5')
  await bad.getByRole('button', { name: 'Quarantine' }).click()
  await expect(bad.getByRole('cell', { name: 'memtest: stuck bit 5' })).toBeVisible()
  await expect(bad.getByText('4 pages', { exact: true })).toBeVisible()

  // they are no one's to take, and cannot be fenced twice
  await bad.getByLabel('Page', { exact: true }).fill('8002')
  await bad.getByLabel('Why').fill('again')
  await bad.getByRole('button', { name: 'Quarantine' }).click()
  await expect(bad.getByText(/allocated, bad already, or metadata/)).toBeVisible()

  await bad.getByRole('button', { name: 'Release …' }).click()
  await ui.confirmation.getByRole('button', { name: 'Release' }).click()
  await expect(bad.getByRole('cell', { name: 'memtest: stuck bit 5' })).toHaveCount(0)
})
