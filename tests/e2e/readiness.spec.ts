// SPDX-License-Identifier: GPL-2.0-or-later
// What stands against a kexec that keeps memory, before anybody plans one.
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Page } from '@playwright/test'
import { look } from './support/axe.ts'
import { expect, test } from './support/fixtures.ts'

const open = (page: Page): Promise<void> => page.getByRole('tab', { name: 'Readiness' }).click()

test('a host that is ready says so, with the evidence of each check', async ({ ui, page }) => {
  await expect(ui.button('Create pool')).toBeEnabled()
  await open(page)
  await expect(page.getByRole('heading', { name: /^A kexec from here keeps the pool’s memory/ })).toBeVisible()
  await expect(page.getByText('0 fail')).toBeVisible()
  await expect(page.getByRole('region', { name: 'In order' })).toContainText('0x100000000')
})

for (const [name, file, text, said] of [
  ['loading switched off', 'proc/sys/kernel/kexec_load_disabled', '1\n', 'kexec_load_disabled'],
  ['lockdown', 'sys/kernel/security/lockdown', 'none [integrity] confidentiality\n', 'integrity']
] as const) {
  test(`${name}: the check fails, says what it means and how to mend it, and the overview leads there`, async ({
    ui,
    page,
    lab
  }) => {
    await expect(ui.button('Create pool')).toBeEnabled()
    await open(page)
    await expect(page.getByText('0 fail')).toBeVisible()
    await mkdir(dirname(join(lab.directory, file)), { recursive: true })
    await writeFile(join(lab.directory, file), text)
    await ui.button('Check again').click()
    const against = page.getByRole('region', { name: 'Stands against it' })
    await expect(against).toContainText(said)
    await expect(against.getByText('Means').first()).toBeVisible()
    await expect(against.getByText('To mend').first()).toBeVisible()
    await expect(page.getByRole('heading', { name: /against a kexec from here/ })).toBeVisible()

    await page.getByRole('tab', { name: 'Overview' }).click()
    await expect(page.getByText('Against a kexec that keeps memory:')).toBeVisible()
    await page.getByRole('button', { name: 'See readiness' }).click()
    await expect(against).toBeVisible()
  })
}

test('axe finds nothing in readiness', async ({ ui, page, lab }) => {
  await writeFile(join(lab.directory, 'proc/sys/kernel/kexec_load_disabled'), '1\n')
  await expect(ui.button('Create pool')).toBeEnabled()
  await open(page)
  await ui.button('Check again').click()
  await expect(page.getByRole('region', { name: 'Stands against it' })).toBeVisible()
  await look(page, 'readiness')
})
