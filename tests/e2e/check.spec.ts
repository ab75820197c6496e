// SPDX-License-Identifier: GPL-2.0-or-later
// Metadata that was damaged behind everyone's back is named, shown as it would be repaired, and repaired.
import { expect, test } from './support/fixtures.ts'

const blockWords = 0x1_0000_0000 + 4096 // the section behind superblock A

test('a check finds a damaged byte, and a repair puts it right', async ({ ui, page, lab }) => {
  await ui.createPool('lab')
  await ui.allocate({ pages: 7, name: 'kept' })
  await ui.tab('Audit')
  const metadata = page.getByRole('region', { name: 'Metadata' })
  await metadata.getByRole('button', { name: 'Check' }).click()
  await expect(metadata.getByText('nothing is wrong')).toBeVisible()

  await lab.damage(blockWords + 3, Uint8Array.of(5))
  await metadata.getByRole('button', { name: 'Check' }).click()
  await expect(metadata.getByText('block-state-damaged')).toBeVisible()
  await metadata.getByRole('button', { name: 'Repair …' }).click()
  await expect(ui.confirmation.getByText('1 word of eight bytes would be written')).toBeVisible()
  await ui.confirmation.getByRole('button', { name: 'Repair' }).click()
  await expect(metadata.getByText('nothing is wrong now')).toBeVisible()
  await ui.tab('Timeline')
  await expect(page.getByRole('gridcell', { name: 'repair', exact: true })).toBeVisible()
})

test('a pool that does not attach can be checked and repaired', async ({ ui, page, lab }) => {
  await ui.createPool('lab')
  await ui.allocate({ pages: 7, name: 'kept' })
  await lab.damage(blockWords + 3, Uint8Array.of(5))
  process.kill(await lab.helperPid(), 'SIGKILL') // the next helper attaches afresh
  await expect(page.getByText('contradicts itself').first()).toBeVisible()
  const metadata = page.getByRole('region', { name: 'Metadata' })
  await metadata.getByRole('button', { name: 'Check' }).click()
  await metadata.getByRole('button', { name: 'Repair …' }).click()
  await ui.confirmation.getByRole('button', { name: 'Repair' }).click()
  await expect(page.getByText('contradicts itself')).toHaveCount(0)
  await expect(ui.row('kept')).toHaveCount(1)
})
