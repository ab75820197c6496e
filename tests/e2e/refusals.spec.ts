// SPDX-License-Identifier: GPL-2.0-or-later
// What is refused says why and what to do, where it was asked for.
import { expect, test } from './support/fixtures.ts'

test('a pool over another one wants the word typed', async ({ ui, page }) => {
  await ui.createPool('first')
  await page.getByRole('button', { name: /^Create a pool in/ }).click()
  await ui.dialog.getByLabel('Name', { exact: true }).fill('second')
  await expect(ui.dialog.getByText('Creating a pool destroys it')).toBeVisible()
  await expect(ui.dialog.getByText(/first/)).toBeVisible()
  const create = ui.dialog.getByRole('button', { name: 'Overwrite and create' })
  const word = ui.dialog.getByLabel(/To overwrite it, type/)
  const right = await ui.dialog.locator('label code').textContent()

  await expect(create).toBeDisabled()
  await word.fill('yes')
  await expect(create).toBeDisabled()
  await word.fill(right ?? '')
  await expect(create).toBeEnabled()
  await word.press('Enter')
  await expect(ui.dialog).toBeVisible()
  await create.click()
  await expect(page.getByRole('heading', { name: 'second', exact: true })).toBeVisible()
  await expect(page.getByRole('navigation', { name: 'Hosts' }).getByText('first')).toHaveCount(0)
})

test('foreign data is recognised before it is overwritten', async ({ ui, lab }) => {
  const ext4Magic = Uint8Array.of(0x53, 0xef)
  await lab.damage(0x1_0000_0000 + 1024 + 56, ext4Magic)
  await lab.damage(0x1_0000_0000 + 8192, new TextEncoder().encode('somebody needs this'))
  await ui.button('Create pool').click()
  await expect(ui.dialog.getByText('Creating a pool destroys it')).toBeVisible()
  await expect(ui.dialog.getByRole('button', { name: 'Overwrite and create' })).toBeDisabled()
})

test('the extent of a new pool is checked while it is typed', async ({ ui }) => {
  await ui.button('Create pool').click()
  const { dialog } = ui
  const create = dialog.getByRole('button', { name: 'Create pool' })
  await dialog.getByLabel('Name', { exact: true }).fill('part')
  await dialog.getByLabel('A part').check()
  for (const [offset, size, said] of [
    ['some', '', 'The offset is no size'],
    ['123', '', 'has to be a multiple of'],
    ['64M', '', 'past the end of the region'],
    ['32M', '64M', 'Only 32 MiB are left'],
    ['0', '12', 'has to be a multiple of']
  ] as const) {
    await dialog.getByLabel('Offset').fill(offset)
    await dialog.getByLabel('Size').fill(size)
    await expect(dialog.getByText(said)).toBeVisible()
    await expect(create).toBeDisabled()
  }
  await dialog.getByLabel('Offset').fill('32M')
  await dialog.getByLabel('Size').fill('16 MiB')
  await expect(dialog.getByText('Nothing is there')).toBeVisible()
  await expect(create).toBeEnabled()
  await dialog.getByLabel('Name', { exact: true }).fill('a/b')
  await expect(dialog.getByText('A name has no slash.')).toBeVisible()
  await expect(create).toBeDisabled()
})

test('a pool without a name: Enter says what is missing', async ({ ui, page }) => {
  await ui.button('Create pool').click()
  await expect(ui.dialog.getByText('Nothing is there')).toBeVisible()
  await page.keyboard.press('Enter')
  await expect(ui.dialog.getByText('A pool needs a name.')).toBeVisible()
  await page.keyboard.type('named')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { name: 'named', exact: true })).toBeVisible()
})

test('a text that is too long for a record is kept as typed, and refused with its length', async ({ ui }) => {
  await ui.createPool('texts')
  const submit = ui.dialog.getByRole('button', { name: 'Allocate', exact: true })
  await ui.fillAllocation({ order: 0, name: 'n'.repeat(70) })
  await expect(ui.dialog.getByText('A name has at most 63 bytes; this one has 70.')).toBeVisible()
  await expect(ui.dialog.getByLabel('Name', { exact: true })).toHaveValue('n'.repeat(70))
  await expect(submit).toBeDisabled()
  await ui.dialog.getByLabel('Name', { exact: true }).fill('fits')
  await ui.dialog.getByLabel('Owner').fill('ü'.repeat(16))
  await expect(ui.dialog.getByText('An owner has at most 31 bytes; this one has 32 in UTF-8.')).toBeVisible()
  await ui.dialog.getByLabel('Owner').fill('o'.repeat(31))
  await submit.click()
  await expect(ui.detail.getByRole('heading')).toHaveText('fits')
})

test('a file that is refused takes back what was said of the one before', async ({ ui, page }) => {
  await page.setViewportSize({ width: 1280, height: 640 })
  await ui.createPool('files')
  await ui.allocate({ order: 0, name: 'small' })
  await ui.writeFile('state.bin', Buffer.alloc(4000, 7))
  await expect(ui.detail.getByText('Equal to state.bin')).toBeVisible()
  await ui.writeFile('large.bin', Buffer.alloc(5000, 7))
  await expect(ui.detail.getByRole('alert')).toBeInViewport()
  await expect(ui.detail.getByText('Equal to state.bin')).toHaveCount(0)
})

test('an allocation that cannot be had says so in the dialog', async ({ ui }) => {
  await ui.createPool('small')
  await ui.allocate({ order: 0, name: 'once' })
  const submit = ui.dialog.getByRole('button', { name: 'Allocate', exact: true })

  await ui.fillAllocation({ order: 20 })
  await expect(ui.dialog.getByText('more than the largest free run')).toBeVisible()
  await submit.click()
  await expect(ui.dialog.getByRole('alert')).toContainText(/order-too-large|no-space/)
  await ui.dialog.getByLabel('Order', { exact: true }).fill('41')
  await expect(ui.dialog.getByText('An order is a whole number from 0 to 40.')).toBeVisible()
  await expect(submit).toBeDisabled()

  await ui.dialog.getByLabel('Order', { exact: true }).fill('0')
  await ui.dialog.getByLabel('Name', { exact: true }).fill('once')
  await submit.click()
  await expect(ui.dialog.getByRole('alert')).toContainText('name-taken')
})

test('a host that is no ssh target is refused, one that cannot be reached is shown lost', async ({ ui, page }) => {
  await ui.button('Add host').click()
  for (const target of ['-oProxyCommand=true', 'root@board 7']) {
    await ui.dialog.getByLabel('SSH target').fill(target)
    await expect(ui.dialog.getByText('Write user@host or an alias, without spaces')).toBeVisible()
    await expect(ui.dialog.getByRole('button', { name: 'Add' })).toBeDisabled()
  }
  await ui.dialog.getByLabel('SSH target').fill('nobody@host.invalid')
  await ui.dialog.getByRole('button', { name: 'Add' }).click()
  const hosts = page.getByRole('navigation', { name: 'Hosts' })
  await expect(hosts.getByText('lost')).toBeVisible()
  await expect(page.getByRole('alert').filter({ hasText: 'cannot be reached' })).toBeVisible()

  await hosts.getByRole('button', { name: /^Remove nobody@host.invalid/ }).click()
  await ui.confirmation.getByRole('button', { name: 'Remove' }).click()
  await expect(hosts.getByText('nobody@host.invalid')).toHaveCount(0)
})
