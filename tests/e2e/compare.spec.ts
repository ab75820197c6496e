// SPDX-License-Identifier: GPL-2.0-or-later
// Snapshots beside each other and beside the pool, and the way back.
import { expect, test } from './support/fixtures.ts'

test('what differs from a snapshot is told by page, allocation and record, and comes back', async ({
  ui,
  page,
  lab
}) => {
  await ui.createPool('lab')
  await ui.allocate({ pages: 8, name: 'state', owner: 'vfio' })
  await ui.writeFile('state.bin', Buffer.alloc(8 * 4096, 'the state of a device '))
  await expect(ui.detail.getByText('Equal to state.bin')).toBeVisible()
  const address = Number(await ui.detail.locator('code', { hasText: '0x' }).first().textContent())
  await ui.takeSnapshot('first')
  const comparison = page.getByRole('region', { name: 'Comparison' })

  await test.step('nothing differs at first', async () => {
    await page.getByRole('button', { name: 'Compare first' }).click()
    await ui.dialog.getByRole('button', { name: 'Compare', exact: true }).click()
    await expect(comparison).toContainText('Nothing differs')
    await page.getByRole('button', { name: 'Close the comparison' }).click()
  })
  await test.step('a flipped bit and a new allocation', async () => {
    await lab.damage(address + 4096 + 100, Uint8Array.of('the state of a device '.charCodeAt((4096 + 100) % 22) ^ 0x10))
    await ui.tab('Map')
    await ui.allocate({ pages: 3, name: 'later' })
    await ui.tab('Snapshots')
    await page.getByRole('button', { name: 'Compare first' }).click()
    await ui.dialog.getByRole('button', { name: 'Compare', exact: true }).click()
    await expect(comparison).toContainText('What differs')
    await expect(comparison.getByRole('region', { name: 'Allocations that differ' })).toContainText('later')
    await expect(comparison.getByRole('row', { name: /state.*changed/ })).toBeVisible()
    const diagnosis = comparison.getByRole('region', { name: 'Diagnosis' })
    await expect(diagnosis).toContainText('bit-flip')
    await expect(diagnosis).toContainText('proven')
  })
  await test.step('the content comes back, after its word', async () => {
    await page.getByRole('button', { name: 'Restore first' }).click()
    await ui.dialog.getByLabel('Content:').check()
    await ui.dialog.getByRole('button', { name: 'Restore' }).click()
    const asked = ui.dialog.getByLabel(/^Type/)
    await expect(asked).toBeVisible()
    await expect(ui.dialog.getByRole('button', { name: 'Restore' })).toBeDisabled()
    await asked.fill((await ui.dialog.locator('label code').last().textContent()) ?? '')
    await ui.dialog.getByRole('button', { name: 'Restore' }).click()
    await expect(ui.dialog.getByText(/1 page written and checked/)).toBeVisible()
    await page.keyboard.press('Escape')
    await ui.takeSnapshot('second', 'first')
    await expect(page.getByRole('row', { name: /second/ })).toContainText('on first')
  })
  await test.step('two snapshots', async () => {
    await page.getByRole('button', { name: 'Compare second' }).click()
    await ui.dialog.getByLabel('With').selectOption('first')
    await ui.dialog.getByRole('button', { name: 'Compare', exact: true }).click()
    await expect(comparison).toContainText('first,')
    await expect(comparison.getByRole('region', { name: 'Diagnosis' })).toHaveCount(0)
    await expect(comparison.getByRole('region', { name: 'Allocations that differ' })).toContainText('later')
  })
  await test.step('one that others build on is not deleted by accident', async () => {
    await page.getByRole('button', { name: 'Delete first' }).click()
    await expect(ui.confirmation).toContainText('second builds on it')
    await ui.confirmation.getByRole('button', { name: 'Delete' }).click()
    await expect(page.getByRole('row', { name: /second/ })).toContainText('on first, which is not there')
  })
})

test('a whole pool comes back as it was', async ({ ui, page }) => {
  await ui.createPool('lab')
  await ui.allocate({ pages: 4, name: 'kept', owner: 'a' })
  await ui.takeSnapshot('whole')
  await ui.tab('Map')
  await ui.allocate({ pages: 4, name: 'lost' })
  await ui.tab('Snapshots')
  await page.getByRole('button', { name: 'Restore whole' }).click()
  await ui.dialog.getByLabel(/The whole pool as it was/).check()
  await ui.dialog.getByRole('button', { name: 'Restore' }).click()
  await ui.dialog.getByLabel(/^Type/).fill((await ui.dialog.locator('label code').last().textContent()) ?? '')
  await ui.dialog.getByRole('button', { name: 'Restore' }).click()
  await expect(ui.dialog.getByText('Restored.')).toBeVisible()
  await page.keyboard.press('Escape')
  await ui.tab('Map')
  await expect(ui.row('kept')).toBeVisible()
  await expect(ui.row('lost')).toHaveCount(0)
})
