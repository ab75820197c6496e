// SPDX-License-Identifier: GPL-2.0-or-later
import AxeBuilder from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { expect, test } from './support/fixtures.ts'

test.slow() // axe looks at each view whole

/** What axe calls serious or worse, as "rule: element". */
async function findings(page: Page): Promise<string[]> {
  // legacy: no second page for the report, which matters with frames only
  const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze()
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`))
}

for (const scheme of ['light', 'dark'] as const) {
  test(`axe finds nothing serious in any view, ${scheme}`, async ({ ui, page, lab }) => {
    await page.emulateMedia({ colorScheme: scheme })
    await expect(page.locator('html')).toHaveAttribute('data-theme', scheme)
    const look = async (view: string): Promise<void> => {
      await test.step(view, async () => expect(await findings(page)).toEqual([]))
    }
    await look('empty host')
    await ui.button('Create pool').click()
    await expect(ui.dialog.getByText('Nothing is there')).toBeVisible()
    await look('dialog for a pool')
    await page.keyboard.press('Escape')
    await ui.createPool('seen')
    await look('empty pool')
    await ui.fillAllocation({ order: 4, name: 'a', owner: 'b', purpose: 'c' })
    await look('dialog for an allocation')
    await page.keyboard.press('Escape')
    await ui.allocate({ order: 4, name: 'state', owner: 'vfio' })
    await look('pool with a selection')
    await page.keyboard.press('Delete')
    await look('question')
    await page.keyboard.press('Escape')
    await page.keyboard.press('?')
    await look('shortcuts')
    await page.keyboard.press('Escape')
    await ui.tab('Snapshots')
    await look('no snapshots')
    await ui.button('Take snapshot').click()
    await look('dialog for a snapshot')
    await ui.dialog.getByRole('button', { name: 'Take snapshot' }).click()
    await expect(page.getByRole('table')).toBeVisible()
    await look('snapshots')
    await page.getByRole('button', { name: /^Restore/ }).click()
    await look('dialog to restore')
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: /^Compare/ }).click()
    await ui.dialog.getByRole('button', { name: 'Compare', exact: true }).click()
    await expect(page.getByRole('region', { name: 'Comparison' })).toBeVisible()
    await look('comparison')
    await ui.button('Files of the lab').click()
    await expect(page.getByText('No file yet.')).toBeVisible()
    await look('no files')
    await page.getByRole('button', { name: 'seen' }).click()
    await ui.tab('Kexec')
    await page.getByText('Advanced', { exact: true }).click()
    await look('form of a plan')
    await ui.plan()
    await look('plan')
    const held = await lab.hold()
    const address = 0x1_0000_0000 + Number((await stateOf(page)).replaceAll(',', '')) * 4096
    await ui.startRun()
    await expect(page.getByText('is away:')).toBeVisible()
    await look('away')
    await lab.damage(address, Uint8Array.of(1, 2, 3))
    await held.go()
    await expect(ui.verdict.getByText('Not intact', { exact: true })).toBeVisible()
    await look('verdict')
    await ui.tab('Audit')
    await expect(page.getByRole('region', { name: 'Fragmentation' })).toBeVisible()
    await look('audit')
    await ui.tab('Memory tests')
    await expect(page.getByRole('region', { name: 'Patterns' })).toBeVisible()
    await look('memory')
    await ui.tab('Timeline')
    await look('event log')
  })
}

for (const [scheme, contrast] of [
  ['light', 'normal'],
  ['dark', 'normal'],
  ['light', 'more'],
  ['dark', 'more']
] as const) {
  test(`axe finds nothing serious in tools and host, ${scheme}, contrast ${contrast}`, async ({ ui, page }) => {
    await page.emulateMedia({ colorScheme: scheme, contrast: contrast === 'more' ? 'more' : 'no-preference' })
    await expect(page.locator('html')).toHaveAttribute('data-contrast', contrast)
    const look = async (view: string): Promise<void> => {
      await test.step(view, async () => expect(await findings(page)).toEqual([]))
    }
    await ui.createPool('seen')
    await ui.allocate({ order: 4, name: 'state', owner: 'vfio' })
    await page.getByLabel('Colour by').selectOption('owner')
    await look('map by owner')
    await page.keyboard.press('Control+k')
    await expect(ui.dialog.getByRole('option').first()).toBeVisible()
    await look('palette')
    await page.keyboard.press('Escape')
    await page.getByRole('menubar').getByText('Map', { exact: true }).click()
    await look('menu')
    await page.keyboard.press('Escape')
    await ui.tab('Inspector')
    await expect(page.getByText('At the cursor')).toBeVisible()
    await look('inspector')
    await ui.tab('Timeline')
    await page.getByRole('grid').getByRole('row').nth(1).click()
    await look('timeline')
    await page.getByRole('button', { name: 'Simulated host' }).click()
    await page.getByRole('tab', { name: 'Physical memory' }).click()
    await expect(page.getByText(/\d+ ranges/)).toBeVisible()
    await look('physical memory')
    await page.getByRole('tab', { name: 'Readiness' }).click()
    await expect(page.getByRole('listitem').first()).toBeVisible()
    await look('readiness')
  })
}

/** Page index of the allocation that is there. */
async function stateOf(page: Page): Promise<string> {
  await page.getByRole('tab', { name: 'Map' }).click()
  const text = await page.getByRole('grid').getByRole('row').nth(1).getByRole('gridcell').first().textContent()
  await page.getByRole('tab', { name: 'Kexec' }).click()
  return text ?? ''
}
