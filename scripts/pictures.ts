// SPDX-License-Identifier: GPL-2.0-or-later
// Takes the pictures of the README and the documentation: the real page over the real helper on a simulated region.
// Run `npm run build` and the native build first; then `npx node scripts/pictures.ts`.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { chromium, expect, type Page } from '@playwright/test'
import { chromiumLaunch } from '../tests/chromium.ts'
import { Lab } from '../tests/e2e/support/lab.ts'
import { LabPage } from '../tests/e2e/support/page.ts'
import { inProject } from './lib/root.mjs'
import { fillPool } from './pictures/pool.ts'

const folder = inProject('docs', 'pictures')
const size = { width: 1440, height: 900 }

type Scheme = 'light' | 'dark'

async function take(page: Page, name: string, scheme: Scheme = 'light'): Promise<void> {
  await page.emulateMedia({ colorScheme: scheme })
  await expect(page.locator('html')).toHaveAttribute('data-theme', scheme)
  // two frames: one to see the change, one to paint the map
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))))
  await page.screenshot({ path: join(folder, `${name}.png`) })
  console.log(`docs/pictures/${name}.png`)
}

async function kexec(ui: LabPage, damage: (() => Promise<void>) | undefined, lab: Lab): Promise<void> {
  const held = await lab.hold()
  await ui.startRun()
  await expect(ui.page.getByText('is away:')).toBeVisible()
  await damage?.()
  await held.go()
  await expect(ui.verdict).toBeVisible()
}

/** What a bring-up meets: a weak data line, single upsets, pages that another kernel took. */
async function spoil(lab: Lab): Promise<void> {
  const helper = await lab.openHelper()
  const pool = (await helper.ask('pool/list', {})).pools[0]?.uuid ?? ''
  for (const [kind, pages] of [
    ['stuck-bit', 60],
    ['bit-flip', 3],
    ['page-table', 9],
    ['zeroed', 24]
  ] as const)
    await helper.ask('fault/inject', { pool, kind, pages, seed: 11 })
  await helper.close()
}

/** A pool whose event log reaches back over three boots. */
async function makePool(lab: Lab): Promise<void> {
  const helper = await lab.openHelper()
  const region = (await helper.ask('region/list', {})).regions[0]?.id ?? ''
  await helper.ask('pool/create', { region, name: 'handover', logSlots: 8192 })
  await fillPool(helper)
  await helper.close()
}

async function mapPictures(ui: LabPage): Promise<void> {
  const { page } = ui
  const filter = page.getByLabel('Filter the allocations')
  await filter.fill('vfio-3b00.0-dma') // wherever it stands among the others
  await ui.row(/vfio-3b00.0-dma/).click()
  await filter.fill('')
  await take(page, 'map-light')
  await page.getByLabel('Colour by').selectOption('owner')
  await take(page, 'map-dark', 'dark')
  await page.getByLabel('Colour by').selectOption('state')
  await ui.detail.getByRole('button', { name: 'Bytes' }).click()
  await expect(page.getByRole('tab', { name: 'Inspector' })).toHaveAttribute('aria-selected', 'true')
  await take(page, 'inspector')
}

async function hostPictures(ui: LabPage): Promise<void> {
  const { page } = ui
  await page.getByRole('button', { name: 'Simulated host' }).click()
  await page.getByRole('tab', { name: 'Physical memory' }).click()
  await take(page, 'physical')
  await page.getByRole('tab', { name: 'Readiness' }).click()
  await take(page, 'readiness')
}

async function pictures(page: Page, lab: Lab): Promise<void> {
  const ui = new LabPage(page)
  await makePool(lab)
  await page.goto(await lab.url())
  await page
    .getByRole('button', { name: /handover/ })
    .first()
    .click()
  await mapPictures(ui)
  await ui.plan()
  await take(page, 'plan')
  await kexec(ui, undefined, lab)
  await take(page, 'verdict-intact')
  await ui.button('Plan another').click()
  await ui.plan()
  await kexec(ui, () => spoil(lab), lab)
  await take(page, 'verdict-damaged')
  await page.getByRole('region', { name: 'Diagnosis' }).evaluate((element) => element.scrollIntoView())
  await take(page, 'diagnosis')
  await ui.button('Show on the map').first().click()
  await take(page, 'map-diagnosis')
  await ui.tab('Audit')
  await expect(page.getByRole('region', { name: 'Leaks' })).toBeVisible()
  await take(page, 'audit')
  await ui.tab('Timeline')
  await expect(page.getByText(/3 boots/)).toBeVisible()
  await take(page, 'timeline')
  await hostPictures(ui)
}

await mkdir(folder, { recursive: true })
const lab = await Lab.start('1G')
const browser = await chromium.launch(chromiumLaunch)
try {
  await pictures(await browser.newPage({ viewport: size }), lab)
} finally {
  await browser.close()
  await lab.end()
}
