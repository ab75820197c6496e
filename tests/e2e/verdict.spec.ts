// SPDX-License-Identifier: GPL-2.0-or-later
// What did not survive is found, named and shown.
import type { Page } from '@playwright/test'
import { expect, test } from './support/fixtures.ts'
import type { LabPage } from './support/page.ts'

/** From now on: what any alert of the page says, even for a moment. */
async function watchAlerts(page: Page): Promise<() => Promise<string[]>> {
  const seen = await page.evaluateHandle(() => {
    const said: string[] = []
    const note = (): void => {
      for (const alert of document.querySelectorAll('[role="alert"]')) said.push(alert.textContent ?? '')
    }
    new MutationObserver(note).observe(document.body, { subtree: true, childList: true, characterData: true })
    return said
  })
  return () => seen.jsonValue()
}

async function poolWithContent(ui: LabPage): Promise<void> {
  await ui.createPool('victim')
  await ui.allocate({ pages: 16, name: 'untouched', owner: 'test' })
  await ui.allocate({ pages: 64, name: 'damaged', owner: 'test' })
  await ui.writeFile('pattern.bin', Buffer.alloc(64 * 4096, 0x5a))
  await expect(ui.detail.getByText('Equal to pattern.bin')).toBeVisible()
}

test('pages changed while the host was away: not intact, with pages and records', async ({ ui, page, lab }) => {
  await poolWithContent(ui)
  const address = Number(await ui.detail.locator('code', { hasText: '0x' }).first().textContent())
  await ui.plan()

  const alerts = await watchAlerts(page)
  const held = await lab.hold()
  await ui.startRun()
  await expect(page.getByText('is away:')).toBeVisible()
  await expect(
    page.getByRole('list', { name: 'Steps' }).getByRole('listitem').filter({ hasText: 'Away' })
  ).toHaveAttribute('aria-current', 'step')
  await lab.damage(address + 3 * 4096 + 17, Uint8Array.of(0xff))
  await lab.damage(address + 10 * 4096, new Uint8Array(2 * 4096))
  await held.go()

  await expect(ui.verdict.getByText('Not intact', { exact: true })).toBeVisible()
  await expect(ui.verdict.getByText('content changed', { exact: true })).toBeVisible()
  expect(await alerts()).toEqual([]) // a host that goes away as planned is no alarm
  const changed = ui.verdict.getByRole('region', { name: 'Changed pages' })
  await expect(changed).toContainText('3 changed pages in 2 runs')
  await expect(changed.getByRole('row', { name: `0x${(address + 3 * 4096).toString(16)}` })).toContainText('changed')
  await expect(changed.getByRole('row', { name: `0x${(address + 10 * 4096).toString(16)}` })).toContainText('zeroed')
  const records = ui.verdict.getByRole('region', { name: 'Records' })
  await expect(records.getByRole('row', { name: /^damaged/ })).toContainText('content-changed')
  await expect(records.getByRole('row', { name: /untouched/ })).toContainText('intact')
})

test('a reservation dropped on purpose: warned of, and the region is told lost', async ({ ui, page, lab }) => {
  await poolWithContent(ui)
  await ui.plan({ dropReservation: true })
  await expect(page.getByText('The reservation is dropped on purpose.')).toBeVisible()
  await expect(page.locator('del', { hasText: 'memmap=' })).toBeVisible()
  await page.getByRole('button', { name: 'Start the simulated kexec …' }).click()
  await expect(ui.confirmation).toContainText('may be lost')
  await ui.confirmation.getByRole('button', { name: 'Start the simulated kexec' }).click()

  await expect(ui.verdict.getByText('Not intact', { exact: true })).toBeVisible()
  await expect(ui.verdict.locator('.badge.bad').first()).toHaveText(/region gone|became RAM/)
  await test.step('the pool is told gone, and nothing can be asked of it', async () => {
    await expect(page.getByRole('alert')).toContainText(
      'The region became System RAM after the last kexec; the pool cannot be reached.'
    )
    await expect(page.getByRole('alert')).toContainText(`--simulate ${lab.directory} host reset`)
    for (const act of ['Allocate', 'Snapshot', 'Plan another']) await expect(ui.button(act)).toBeDisabled()
  })
  await page.getByRole('navigation', { name: 'Hosts' }).getByRole('button', { name: 'Simulated host' }).click()
  await expect(page.getByText(/gives no memory away|refused/).first()).toBeVisible()

  await test.step('its verdict is still found, on the host', async () => {
    const runs = page.getByRole('region', { name: 'Runs of pools that are gone' })
    await page.reload()
    await page.getByRole('navigation', { name: 'Hosts' }).getByRole('button', { name: 'Simulated host' }).click()
    await runs.getByRole('button', { name: /region gone|became RAM/ }).click()
    await expect(ui.verdict.getByText('Not intact', { exact: true })).toBeVisible()
  })
})

test('a run can be cancelled before its jump', async ({ ui, page, lab }) => {
  await poolWithContent(ui)
  await ui.plan()
  const helper = await lab.helperPid()
  process.kill(helper, 'SIGSTOP') // so that the expectation cannot be over before Cancel is clicked
  try {
    await ui.startRun()
    await ui.button('Cancel the run').click()
  } finally {
    process.kill(helper, 'SIGCONT')
  }
  const runs = page.getByRole('navigation', { name: 'Runs' })
  await expect(runs.getByText('cancelled')).toBeVisible()

  await test.step('and forgotten, after a question', async () => {
    await ui.button('Forget this run').click()
    await ui.confirmation.getByRole('button', { name: 'Forget' }).click()
    await expect(runs.getByText('No run yet.')).toBeVisible()
  })
})
