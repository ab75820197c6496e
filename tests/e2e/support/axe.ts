// SPDX-License-Identifier: GPL-2.0-or-later
import AxeBuilder from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { expect, test } from './fixtures.ts'

const looks = [
  ['light', 'no-preference'],
  ['dark', 'no-preference'],
  ['light', 'more'],
  ['dark', 'more']
] as const

/** Of what is in view, "look: rule: element". Names and roles are the same in every look, colours are not. */
async function findings(page: Page): Promise<string[]> {
  const found: string[] = []
  for (const [index, [colorScheme, contrast]] of looks.entries()) {
    await page.emulateMedia({ colorScheme, contrast })
    const html = page.locator('html')
    await expect(html).toHaveAttribute('data-theme', colorScheme)
    await expect(html).toHaveAttribute('data-contrast', contrast === 'more' ? 'more' : 'normal')
    await page.evaluate(() => Promise.allSettled(document.getAnimations().map(({ finished }) => finished)))
    // legacy: no second page for the report, which matters with frames only
    // region: menus stand outside of the landmarks, where they are what has the focus
    const axe = new AxeBuilder({ page }).setLegacyMode(true).disableRules('region')
    const { violations } = await (index === 0 ? axe : axe.withRules('color-contrast')).analyze()
    const look = `${colorScheme}, contrast ${contrast}`
    found.push(
      ...violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${look}: ${id}: ${target.join(' ')}`))
    )
  }
  return found
}

/** axe finds nothing in the view as it stands, in light and dark, with normal and more contrast. */
export async function look(page: Page, view: string): Promise<void> {
  test.setTimeout(600_000) // axe looks at each view whole
  await test.step(view, async () => expect.soft(await findings(page)).toEqual([]))
}
