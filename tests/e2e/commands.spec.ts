// SPDX-License-Identifier: GPL-2.0-or-later
// One list of commands behind palette, menus and keys.
import { expect, test } from './support/fixtures.ts'

test('the palette finds a command by words, does it, and says why another cannot be done', async ({ ui, page }) => {
  await page.keyboard.press('Control+k')
  const field = ui.dialog.getByRole('combobox', { name: 'Command' })
  await field.fill('rename pool')
  const rename = ui.dialog.getByRole('option', { name: /Rename the pool/ })
  await expect(rename).toContainText('No pool is in view.')
  await page.keyboard.press('Enter')
  await expect(ui.dialog.getByRole('combobox', { name: 'Command' })).toBeVisible()
  await page.keyboard.press('Escape')
  await ui.createPool('found')
  await page.keyboard.press('Control+k')
  await field.fill('rename pool')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('dialog', { name: /Rename/ })).toBeVisible()
})

test('the palette shows the command line that does the same, and copies it', async ({ ui, page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  await ui.createPool('found')
  await page.keyboard.press('Control+k')
  await ui.dialog.getByRole('combobox', { name: 'Command' }).fill('snapshot take')
  await expect(ui.dialog.getByText(/pmpool --simulate .* snapshot create/)).toBeVisible()
  await page.keyboard.press('Control+c')
  expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(/^pmpool --simulate \S+ snapshot create /)
})

test('the palette goes to a pool by its name', async ({ ui, page }) => {
  await ui.createPool('far away')
  await page.getByRole('button', { name: 'Simulated host' }).click()
  await page.keyboard.press('Control+k')
  await ui.dialog.getByRole('combobox', { name: 'Command' }).fill('far away')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { name: 'far away' })).toBeVisible()
})

test('each command stands in a menu, with its key; what cannot be done now is disabled', async ({ ui, page }) => {
  await page.getByRole('menubar').getByText('Pool', { exact: true }).click()
  await expect(page.getByRole('menuitem', { name: /Delete the pool/ })).toBeDisabled()
  await page.getByRole('menuitem', { name: /Create a pool/ }).click()
  await expect(ui.dialog.getByLabel('Name', { exact: true })).toBeVisible()
  await page.keyboard.press('Escape')
  await page.getByRole('menubar').getByText('Help', { exact: true }).click()
  await page.keyboard.press('ArrowDown')
  await page.getByRole('menuitem', { name: /About/ }).click()
  await expect(page.getByRole('dialog', { name: 'About this lab' })).toContainText('headless')
})

test('typing in a field is no command', async ({ ui, page }) => {
  await page.keyboard.press('n')
  const name = ui.dialog.getByLabel('Name', { exact: true })
  await name.fill('')
  await name.press('n')
  await name.press('?')
  await expect(name).toHaveValue('n?')
  await expect(page.getByRole('dialog')).toHaveCount(1)
})

test('high contrast is chosen by the palette and kept', async ({ ui, page }) => {
  await page.keyboard.press('Control+k')
  await ui.dialog.getByRole('combobox', { name: 'Command' }).fill('contrast more')
  await page.keyboard.press('Enter')
  await expect(page.locator('html')).toHaveAttribute('data-contrast', 'more')
  await page.reload()
  await expect(page.locator('html')).toHaveAttribute('data-contrast', 'more')
})

test('a key of what cannot be done now says why, once', async ({ ui, page }) => {
  await expect(ui.button('Create pool')).toBeEnabled()
  for (let press = 0; press < 3; press++) await page.keyboard.press('s')
  await expect(page.getByRole('status', { name: 'Notices' })).toHaveText('No pool is in view.')
})
