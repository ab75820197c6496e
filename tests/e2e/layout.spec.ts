// SPDX-License-Identifier: GPL-2.0-or-later
// The page fits its window, whatever the names in it.
import { expect, test } from './support/fixtures.ts'
import type { LabPage } from './support/page.ts'

const longest = { name: 'n'.repeat(63), owner: 'o'.repeat(31), purpose: 'p'.repeat(63) }

/** Elements of the page that reach past its right edge, as "tag.class". */
const tooWide = (ui: LabPage): Promise<string[]> =>
  ui.page.evaluate(() => {
    const edge = document.documentElement.clientWidth
    const wide = [...document.querySelectorAll('.app, .app-main, .map-view, .page-map, .lists, .detail, .pool-header')]
    return wide.filter((each) => each.getBoundingClientRect().right > edge).map((each) => each.className)
  })

for (const width of [1280, 920]) {
  test(`the longest name, owner and purpose leave every panel inside a window of ${width}`, async ({ ui, page }) => {
    await page.setViewportSize({ width, height: 800 })
    await ui.createPool('l'.repeat(40))
    await ui.allocate({ order: 3, ...longest })
    await expect(page.locator('#map-status')).toBeVisible()
    await ui.map.focus()
    await page.keyboard.press(']')
    await expect(page.locator('#map-status')).toContainText(longest.name)
    expect(await tooWide(ui)).toEqual([])
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width)
    const box = await ui.detail.boundingBox()
    expect(box?.width).toBeGreaterThan(200)
    expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(width)
  })
}

test('a window narrower than the page scrolls to all of it', async ({ ui, page }) => {
  await page.setViewportSize({ width: 800, height: 600 })
  await ui.createPool('narrow')
  await expect(page.getByRole('heading', { name: 'narrow' })).toBeInViewport()
  await ui.detail.scrollIntoViewIfNeeded()
  await expect(ui.detail).toBeInViewport({ ratio: 1 })
})
