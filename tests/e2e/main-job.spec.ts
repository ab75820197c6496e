// SPDX-License-Identifier: GPL-2.0-or-later
// The main job of the lab, from an empty region to a verdict.
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { expect, test } from './support/fixtures.ts'

test.use({ regionSize: '256M' })

/** Bytes that no other offset repeats. */
function content(length: number): Buffer {
  const parts = Array.from({ length: Math.ceil(length / 32) }, (_, index) =>
    createHash('sha256').update(`block ${index}`).digest()
  )
  return Buffer.concat(parts).subarray(0, length)
}

test('a pool from its creation to the verdict after a kexec', async ({ ui, page }) => {
  await test.step('an empty host teaches what a region is', async () => {
    await expect(page.getByRole('heading', { name: 'No pool yet' })).toBeVisible()
    await expect(page.getByText('is a range of physical memory that Linux leaves alone')).toBeVisible()
    await ui.createPool('handover')
    await expect(ui.map).toHaveAccessibleName(/^Page map: 256 MiB, 65,536 pages; .*0 allocations\.$/)
  })

  await test.step('allocate by order and by page count, with and without a name', async () => {
    await ui.allocate({ order: 0, name: 'boot-args', owner: 'kernel', purpose: 'next command line' })
    await ui.allocate({ order: 9, name: 'vfio-state', owner: 'iommufd', purpose: 'device state' })
    await ui.allocate({ order: 12 })
    await ui.allocate({ order: 14, name: 'frame-buffer', owner: 'drm' })
    await ui.allocate({ pages: 300, name: 'log', owner: 'console' })
    await ui.allocate({ pages: 7 })
    await expect(ui.row(/vfio-state/)).toContainText('512')
    await expect(ui.row(/frame-buffer/)).toContainText('64 MiB')
    await expect(ui.map).toHaveAccessibleName(/4,103 allocated, 17,197 named; 6 allocations/)
  })

  await test.step('what is written comes back equal', async () => {
    const bytes = content(2 * 1024 * 1024 - 77)
    await ui.row(/vfio-state/).click()
    await ui.writeFile('state.bin', bytes)
    await expect(ui.detail.getByText('Equal to state.bin')).toBeVisible()
    const [download] = await Promise.all([page.waitForEvent('download'), ui.button('Save to file').click()])
    const saved = await readFile(await download.path())
    expect(saved.length).toBe(512 * 4096)
    expect(saved.subarray(0, bytes.length).equals(bytes)).toBe(true)
  })

  await test.step('a file that does not fit is refused', async () => {
    await ui.row(/boot-args/).click()
    await ui.writeFile('large.bin', content(5000))
    await expect(ui.detail.getByRole('alert')).toContainText('the allocation holds 4 KiB')
  })

  await test.step('free names its object, and Cancel is the default', async () => {
    await ui.row(/log/).first().click()
    await page.keyboard.press('Delete')
    await expect(ui.confirmation).toContainText('Free “log”?')
    await expect(ui.confirmation).toContainText('300 pages')
    await expect(ui.confirmation).toContainText('cannot be undone')
    await expect(ui.confirmation.getByRole('button', { name: 'Cancel' })).toBeFocused()
    await page.keyboard.press('Enter')
    await expect(ui.confirmation).toHaveCount(0)
    await expect(ui.row(/console/)).toHaveCount(1)
    await page.keyboard.press('Delete')
    await ui.confirmation.getByRole('button', { name: 'Free' }).click()
    await expect(ui.row(/console/)).toHaveCount(0)
    await expect(ui.map).toHaveAccessibleName(/; 5 allocations/)
  })

  await test.step('the kexec is planned, gone through, and found intact', async () => {
    await ui.plan()
    const checks = page.getByRole('region', { name: 'Checks' })
    await expect(checks.getByRole('listitem')).not.toHaveCount(0)
    await expect(checks.getByText('fail', { exact: true })).toHaveCount(0)
    await expect(page.locator('ins', { hasText: 'pmpool.nonce=' })).toBeVisible()
    await ui.startRun()
    await expect(ui.verdict.getByText('Intact', { exact: true })).toBeVisible()
    await expect(ui.verdict.getByText('simulated kexec')).toBeVisible()
    await expect(ui.verdict).toContainText('21,000 of 21,000')
    await expect(ui.verdict.getByRole('row', { name: /vfio-state/ })).toContainText('intact')
    await expect(page.getByRole('navigation', { name: 'Runs' })).toContainText('intact')
  })

  await test.step('the pool is there again after it, with its content and its log', async () => {
    await ui.tab('Timeline')
    await expect(page.getByRole('row', { name: /verdict/ })).toContainText('intact')
    await expect(page.getByRole('row', { name: /kexec-jump/ })).toHaveCount(1)
    await ui.tab('Map')
    await expect(ui.row(/vfio-state/)).toContainText('earlier boot')
  })
})
