// SPDX-License-Identifier: GPL-2.0-or-later
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { expect, test } from './support/fixtures.ts'

test.use({ regionSize: '256M' })

/** Remembers every text that a progress line shows from now on, however briefly. */
async function recordProgress(page: Page): Promise<() => Promise<string[]>> {
  const key = 'progressTexts'
  await page.evaluate((name) => {
    const texts: string[] = []
    Object.assign(window, { [name]: texts })
    const look = (): void => {
      for (const line of document.querySelectorAll('progress')) texts.push(line.nextElementSibling?.textContent ?? '')
    }
    new MutationObserver(look).observe(document.body, { childList: true, subtree: true, characterData: true })
  }, key)
  return () => page.evaluate((name) => (window as unknown as Record<string, string[]>)[name] ?? [], key)
}

test('a snapshot is taken with progress, verified, downloaded and deleted', async ({ ui, page, lab }) => {
  await ui.createPool('big')
  await ui.allocate({ pages: 32_768, name: 'frames' })
  const progress = await recordProgress(page)

  await ui.button('Snapshot').click()
  await expect(ui.dialog.getByLabel('Name')).toHaveValue(/^big-\d{8}-\d{6}$/)
  await ui.dialog.getByLabel('Name').fill('before-kexec')
  await ui.dialog.getByRole('button', { name: 'Take snapshot' }).click()
  const row = page.getByRole('row', { name: /before-kexec/ })
  await expect(row).toContainText('big')
  expect((await progress()).some((text) => /^\d+ % · .+ of 12\d/.test(text))).toBe(true)

  await page.getByRole('button', { name: 'Verify before-kexec' }).click()
  await expect(row.getByText('whole')).toBeVisible()

  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download before-kexec' }).click()
  ])
  expect(download.suggestedFilename()).toBe('before-kexec.pmsnap')

  await page.getByRole('button', { name: 'Delete before-kexec' }).click()
  await expect(ui.confirmation).toContainText('Delete the snapshot before-kexec?')
  await expect(ui.confirmation.getByRole('button', { name: 'Cancel' })).toBeFocused()
  await ui.confirmation.getByRole('button', { name: 'Delete' }).click()
  await expect(row).toHaveCount(0)
  // the row is out of reach behind the question already, while the file still goes
  await expect.poll(() => readdir(join(lab.directory, 'var/lib/pmpool/snapshots'))).toEqual([])
})

test('a snapshot that is cancelled leaves no file', async ({ ui, page, lab }) => {
  await ui.createPool('big')
  await ui.allocate({ pages: 32_768, name: 'frames' })
  // the helper stands still, so that the snapshot cannot be over before Cancel is clicked
  const helper = await lab.helperPid()
  process.kill(helper, 'SIGSTOP')
  try {
    await ui.button('Snapshot').click()
    await ui.dialog.getByLabel('Name').fill('never')
    await ui.dialog.getByRole('button', { name: 'Take snapshot' }).click()
    await page.getByRole('button', { name: 'Cancel Snapshot never' }).click()
  } finally {
    process.kill(helper, 'SIGCONT')
  }
  await expect(page.getByText('No snapshot yet')).toBeVisible()
  await page.keyboard.press('t')
  await expect(ui.dialog.getByText('cancelled', { exact: true })).toBeVisible()
  expect(await readdir(join(lab.directory, 'var/lib/pmpool/snapshots')).catch(() => [])).toEqual([])
})

test('a name that is taken is refused where the act was started', async ({ ui, page }) => {
  await ui.createPool('small', { offset: '0', size: '8M' })
  for (const _ of [1, 2]) {
    await ui.button('Snapshot').click()
    await ui.dialog.getByLabel('Name').fill('twice')
    await ui.dialog.getByRole('button', { name: 'Take snapshot' }).click()
    await expect(page.getByRole('row', { name: /twice/ })).toHaveCount(1)
  }
  await expect(page.getByRole('alert')).toContainText('file-exists')
})
