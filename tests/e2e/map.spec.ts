// SPDX-License-Identifier: GPL-2.0-or-later
// The page map and the table with many allocations, by mouse and by keyboard alone. What is coloured, found, chosen and
// remembered on the map is in map-tools.spec.ts.
import { expect, test } from './support/fixtures.ts'
import type { Lab } from './support/lab.ts'

test.use({ regionSize: '1G' })

const named = 500
const unnamed = 9500

/** 10,000 allocations of 1 to 16 pages, by another process. */
async function fill(lab: Lab): Promise<void> {
  const helper = await lab.openHelper()
  try {
    const { pools } = await helper.ask('pool/list', {})
    const pool = pools[0]?.uuid ?? ''
    const wanted = Array.from({ length: named + unnamed }, (_, index) => ({
      pool,
      pages: 1 + ((index * 7) % 16),
      name: index % 20 === 0 ? `record-${index}` : ''
    }))
    await Promise.all(wanted.map((params) => helper.ask('allocation/create', params)))
  } finally {
    await helper.close()
  }
}

test('10,000 allocations: all listed, few rendered, filtered, scrolled and selected', async ({ ui, page, lab }) => {
  await ui.createPool('busy')
  await fill(lab)
  const grid = page.getByRole('grid')
  await expect(grid).toHaveAccessibleName('10,000 allocations')
  await expect(ui.map).toHaveAccessibleName(/; 10,000 allocations\.$/)
  expect(await grid.getByRole('row').count()).toBeLessThan(80)

  await grid.focus()
  await page.keyboard.press('End')
  await expect(grid.getByRole('row', { selected: true })).toBeInViewport()
  await expect(ui.detail.getByRole('heading')).not.toHaveCount(0)

  await page.keyboard.press('/')
  await page.keyboard.type('record-9980')
  await expect(grid).toHaveAccessibleName('1 allocation')
  await ui.row(/record-9980/).click()
  await expect(ui.detail.getByRole('heading')).toHaveText('record-9980')
})

test('the map by keyboard: cursor, zoom, allocations one after the other', async ({ ui, page }) => {
  await ui.createPool('keys')
  await ui.allocate({ order: 9, name: 'alpha' })
  await ui.allocate({ order: 10, name: 'beta' })
  const status = page.locator('#map-status')
  await ui.map.focus()
  await page.keyboard.press('Home')
  await expect(status).toContainText(/^Pages 0 to \d+ · 0x100000000/)
  await page.keyboard.press(']')
  await expect(ui.detail.getByRole('heading')).toHaveText('alpha')
  await page.keyboard.press(']')
  await expect(ui.detail.getByRole('heading')).toHaveText('beta')
  await page.keyboard.press('[')
  await expect(ui.detail.getByRole('heading')).toHaveText('alpha')
  for (let step = 0; step < 12; step++) await page.keyboard.press('+')
  await expect(page.getByText('1 page a cell')).toBeVisible()
  await expect(status).toContainText('named, first page · alpha')
  await page.keyboard.press('ArrowRight')
  await expect(status).toContainText(/^Page 513 · .* · named · alpha/)
  await page.keyboard.press('0')
  await expect(page.getByText(/\d+ pages a cell/)).toBeVisible()
  await page.keyboard.press('End')
  await expect(status).toContainText('metadata')
  await page.keyboard.press('Escape')
  await expect(ui.detail).toContainText('Select an allocation')
})

test('the map by mouse: tooltip, click, wheel', async ({ ui, page }) => {
  await ui.createPool('mouse')
  await ui.allocate({ order: 14, name: 'wide' })
  await ui.allocate({ order: 0, name: 'other' })
  const box = await ui.map.boundingBox()
  if (!box) throw new Error('no map')
  // 16,384 pages at page 16,384 of 262,144: the second sixteenth of the height
  const [x, y] = [box.x + box.width / 2, box.y + box.height * 0.095]
  await page.mouse.move(x, y)
  await expect(page.locator('.map-tip')).toContainText('wide · 16,384 pages (order 14)')
  await page.mouse.click(x, y)
  await expect(ui.detail.getByRole('heading')).toHaveText('wide')
  await expect(ui.row(/wide/)).toHaveAttribute('aria-selected', 'true')

  const text = page.getByText(/pages? a cell/)
  const before = await text.textContent()
  await page.keyboard.down('Control')
  await page.mouse.wheel(0, -100)
  await page.keyboard.up('Control')
  await expect(text).not.toHaveText(before ?? '')
})

test('by keyboard alone: from the empty host to a freed allocation', async ({ ui, page }) => {
  await expect(ui.button('Create pool')).toBeEnabled()
  await page.keyboard.press('n')
  await expect(ui.dialog.getByLabel('Name', { exact: true })).toBeFocused()
  await page.keyboard.type('typed')
  await expect(ui.dialog.getByText('Nothing is there')).toBeVisible()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { name: 'typed' })).toBeVisible()
  await page.keyboard.press('a')
  await page.keyboard.press('9')
  await page.keyboard.press('Enter')
  await expect(ui.detail.getByRole('heading')).toHaveText('Unnamed allocation')
  await expect(ui.detail).toContainText('512 pages (order 9)')
  await expect(page.locator('body')).not.toBeFocused()
  await ui.map.focus()
  await page.keyboard.press('Delete')
  await expect(ui.confirmation).toBeVisible()
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await expect(page.getByText('Nothing is allocated.')).toBeVisible()
  await expect(ui.map).toBeFocused()
  await page.keyboard.press('?')
  await expect(ui.dialog.getByText('Take a snapshot')).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(ui.dialog).toHaveCount(0)
})
