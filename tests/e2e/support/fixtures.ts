// SPDX-License-Identifier: GPL-2.0-or-later
import { test as base } from '@playwright/test'
import { expect } from './expect.ts'
import { Lab } from './lab.ts'
import { LabPage } from './page.ts'

export { expect }

interface Options {
  /** of the simulated host’s regions, such as 64M or 64M,32M */
  regionSize: string
}
interface Fixtures {
  lab: Lab
  /** the page, open and connected, and sound: an error in it fails the test */
  ui: LabPage
}

export const test = base.extend<Fixtures & Options>({
  regionSize: ['64M', { option: true }],
  lab: async ({ regionSize }, use, info) => {
    info.setTimeout(240_000)
    const lab = await Lab.start(regionSize)
    await use(lab)
    if (info.errors.length > 0) console.error(lab.output)
    await lab.end()
  },
  ui: async ({ lab, page }, use) => {
    const problems: string[] = []
    page.on('pageerror', (error) => problems.push(String(error)))
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text())
    })
    const ui = new LabPage(page)
    await page.goto(await lab.url())
    await expect(page.getByRole('heading', { name: 'Simulated host' })).toBeVisible()
    await use(ui)
    expect(problems).toEqual([])
  }
})
