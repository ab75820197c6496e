// SPDX-License-Identifier: GPL-2.0-or-later
// The page map: colours and the legend that filters, going and finding, ranges, bookmarks, changes of others.
import type { Page } from '@playwright/test'
import type { Allocation } from '../../main/api/index.ts'
import { expect, test } from './support/fixtures.ts'
import type { Lab } from './support/lab.ts'

type Change = (pool: string, base: number, lab: Awaited<ReturnType<Lab['openHelper']>>) => Promise<unknown>

/** What another process does to the only pool. */
async function byOther(lab: Lab, change: Change): Promise<void> {
  const helper = await lab.openHelper()
  try {
    const { pools } = await helper.ask('pool/list', {})
    await change(pools[0]?.uuid ?? '', pools[0]?.base ?? 0, helper)
  } finally {
    await helper.close()
  }
}

/** The colours of the map as the canvas has them, each "#rrggbb" once. */
const coloursOf = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const canvas = document.querySelector<HTMLCanvasElement>('[data-testid="page-map"] canvas')
    if (!canvas) return []
    // without the addresses at the left and the overview at the right
    const [left, right] = [96, 34].map((width) => Math.round(width * devicePixelRatio))
    const width = canvas.width - left! - right!
    const data = canvas.getContext('2d')?.getImageData(left!, 0, width, canvas.height).data ?? []
    const found = new Set<string>()
    for (let at = 0; at + 3 < data.length; at += 4) {
      found.add(`#${[0, 1, 2].map((channel) => data[at + channel]!.toString(16).padStart(2, '0')).join('')}`)
    }
    return [...found]
  })

const token = (page: Page, name: string): Promise<string> =>
  page.evaluate((token) => getComputedStyle(document.documentElement).getPropertyValue(`--${token}`).trim(), name)

test.describe('on 1 TiB', () => {
  test.use({ regionSize: '1T' })

  test('268 million pages open, and one bad page among them is seen with all of them in view', async ({
    ui,
    page,
    lab
  }) => {
    await ui.createPool('vast')
    await expect(ui.map).toHaveAccessibleName(/1 TiB, 268,435,\d+ pages/)
    const bad = await token(page, 'map-bad')
    expect(await coloursOf(page)).not.toContain(bad)
    await byOther(lab, (pool, _, helper) => helper.ask('bad/add', { pool, page: 200_000_001, pages: 1, why: 'test' }))
    await expect.poll(() => coloursOf(page)).toContain(bad)

    await page.keyboard.press('>')
    await expect(page.locator('#map-status')).toContainText('bad')
    await expect(page.getByRole('region', { name: 'Chosen range' })).toContainText('1 page, 4 KiB')
  })
})

test('what another process allocates and frees appears without a word', async ({ ui, page, lab }) => {
  await ui.createPool('shared')
  const named = await token(page, 'map-named')
  expect(await coloursOf(page)).not.toContain(named)
  let made: Allocation | undefined
  await byOther(lab, async (pool, _, helper) => {
    made = await helper.ask('allocation/create', { pool, order: 9, name: 'theirs' })
  })
  await expect.poll(() => coloursOf(page)).toContain(named)
  await expect(ui.row('theirs')).toHaveCount(1)
  await byOther(lab, (pool, _, helper) => {
    const { page: first = 0, pages = 0, record } = made ?? {}
    return helper.ask('allocation/free', { pool, page: first, expect: { pages, recordId: record?.id ?? null } })
  })
  await expect.poll(() => coloursOf(page)).not.toContain(named)
  await expect(ui.map).toHaveAccessibleName(/; 0 allocations\.$/)
})

/** The colour of a legend's entry, "#rrggbb". */
const swatchOf = (page: Page, name: RegExp): Promise<string> =>
  page
    .getByRole('group', { name: 'Legend' })
    .getByRole('button', { name })
    .locator('.swatch')
    .evaluate((swatch) => {
      const channels = getComputedStyle(swatch).backgroundColor.match(/\d+/g) ?? []
      return `#${channels.map((each) => Number(each).toString(16).padStart(2, '0')).join('')}`
    })

test('colours by owner, and a legend that leaves one of them in the picture', async ({ ui, page }) => {
  await ui.createPool('owners')
  await ui.allocate({ order: 9, name: 'one', owner: 'vfio' })
  await ui.allocate({ order: 8, name: 'two', owner: 'kvm' })
  await page.getByLabel('Colour by').selectOption('Owner')
  const legend = page.getByRole('group', { name: 'Legend' })
  await expect(legend.getByRole('button', { name: 'vfio 512 · 1' })).toBeVisible()
  const [vfio, kvm] = [await swatchOf(page, /^vfio/), await swatchOf(page, /^kvm/)]
  expect(vfio).not.toBe(kvm)
  await expect.poll(() => coloursOf(page)).toEqual(expect.arrayContaining([vfio, kvm]))

  await legend.getByRole('button', { name: /^kvm/ }).click()
  await expect(legend.getByRole('button', { name: /^kvm/ })).toHaveAttribute('aria-pressed', 'true')
  // it keeps its colour; the other is dimmed
  await expect.poll(() => coloursOf(page)).not.toContain(vfio)
  expect(await coloursOf(page)).toContain(kvm)
  await legend.getByRole('button', { name: 'All' }).click()
  await expect.poll(() => coloursOf(page)).toEqual(expect.arrayContaining([vfio, kvm]))
})

test('an owner keeps the colour when another has more, and when the page is loaded again', async ({ ui, page }) => {
  await ui.createPool('faithful')
  await ui.allocate({ order: 6, name: 'one', owner: 'vfio' })
  await ui.allocate({ order: 5, name: 'two', owner: 'kvm' })
  await page.getByLabel('Colour by').selectOption('Owner')
  const before = [await swatchOf(page, /^vfio/), await swatchOf(page, /^kvm/)]
  await ui.allocate({ order: 9, name: 'three', owner: 'kvm' })
  await ui.allocate({ order: 8, name: 'four', owner: 'net' })
  await expect(page.getByRole('group', { name: 'Legend' }).getByRole('button', { name: /^net/ })).toBeVisible()
  expect([await swatchOf(page, /^vfio/), await swatchOf(page, /^kvm/)]).toEqual(before)
  await page.reload()
  await page.getByLabel('Colour by').selectOption('Owner')
  await expect(page.getByRole('group', { name: 'Legend' }).getByRole('button', { name: /^net/ })).toBeVisible()
  expect([await swatchOf(page, /^vfio/), await swatchOf(page, /^kvm/)]).toEqual(before)
})

test('going to an address, a page and a name; what is nowhere is said at the field', async ({ ui, page }) => {
  await ui.createPool('goals')
  await ui.allocate({ order: 4, name: 'target' })
  await page.keyboard.press('Escape')
  const field = page.getByLabel('Go to an address, page, pfn or name')
  await page.keyboard.press('g')
  await expect(field).toBeFocused()
  await page.keyboard.type('0x101000000')
  await expect(page.locator('#map-go-to-hint')).toContainText('page 4,096')
  await page.keyboard.press('Enter')
  await expect(page.locator('#map-status')).toContainText('0x101000000 · pfn 0x101000')

  await page.keyboard.press('g')
  await page.keyboard.type('pfn:0x100400')
  await page.keyboard.press('Enter')
  await expect(page.locator('#map-status')).toContainText('pfn 0x100400')

  await page.keyboard.press('g')
  await page.keyboard.type('target')
  await page.keyboard.press('Enter')
  await expect(ui.detail.getByRole('heading')).toHaveText('target')

  await page.keyboard.press('g')
  await page.keyboard.type('0xffffffffff')
  await page.keyboard.press('Enter')
  await expect(page.locator('#map-go-to-hint')).toHaveText('That is not in the pool.')
  await expect(field).toHaveAttribute('aria-invalid', 'true')
})

test('a range by mouse and by keyboard is counted, and dropped', async ({ ui, page }) => {
  await ui.createPool('ranges')
  await ui.allocate({ order: 4, name: 'inside' })
  const range = page.getByRole('region', { name: 'Chosen range' })
  const box = await ui.map.boundingBox()
  if (!box) throw new Error('no map')
  await page.mouse.move(box.x + 100, box.y + 3)
  await page.mouse.down()
  await page.mouse.move(box.x + box.width - 40, box.y + box.height - 3, { steps: 4 })
  await page.mouse.up()
  await expect(range).toContainText(/^16,3\d\d pages/)
  await expect(range).toContainText(/allocated ?16/)
  await expect(range).toContainText(/0x100000000-0x103ff[0-9a-f]fff/)
  await ui.map.focus()
  await page.keyboard.press('Escape')
  await expect(range).toHaveCount(0)

  await page.keyboard.press('Home')
  for (let step = 0; step < 12; step++) await page.keyboard.press('+')
  for (let step = 0; step < 3; step++) await page.keyboard.press('Shift+ArrowRight')
  await expect(range).toContainText('4 pages, 16 KiB')
  await expect(range.getByRole('button', { name: 'Allocate here …' })).toBeDisabled() // metadata
  await page.keyboard.press('End')
  for (let step = 0; step < 20; step++) await page.keyboard.press('ArrowLeft')
  for (let step = 0; step < 6; step++) await page.keyboard.press('Shift+ArrowRight')
  await expect(range).toContainText('7 pages, 28 KiB')
  await range.getByRole('button', { name: 'Allocate here …' }).click()
  await expect(ui.dialog.getByLabel('Pages', { exact: true })).toHaveValue('7')
  await ui.dialog.getByRole('button', { name: 'Allocate', exact: true }).click()
  await expect(range).toContainText(/allocated ?7/)
  await range.getByRole('button', { name: 'Show the bytes' }).click()
  await expect(page.getByRole('tab', { name: 'Inspector' })).toHaveAttribute('aria-selected', 'true')
})

test('the next free run that is long enough, and the one before', async ({ ui, page, lab }) => {
  await ui.createPool('runs')
  await byOther(lab, async (pool, base, helper) => {
    for (const at of [1000, 1010, 1100])
      await helper.ask('allocation/create', { pool, pages: 1, addressFrom: base + at * 4096 })
  })
  await expect(ui.map).toHaveAccessibleName(/; 3 allocations\.$/)
  await ui.map.focus()
  await page.keyboard.press('Home')
  await page.getByLabel('What to find').selectOption('free run')
  await page.getByLabel('Pages of a free run, at least').fill('80')
  const range = page.getByRole('region', { name: 'Chosen range' })
  await ui.button('Next free run').click()
  await ui.button('Next free run').click()
  await expect(range).toContainText('89 pages')
  await ui.button('Previous free run').click()
  await expect(range).toContainText(/9\d\d pages/)
})

test('bookmarks are set, named, gone to and kept', async ({ ui, page }) => {
  await ui.createPool('marks')
  await ui.allocate({ order: 3, name: 'kept' })
  await ui.map.focus()
  await page.keyboard.press('b')
  await ui.button('Bookmarks 1').click()
  const list = page.getByRole('group', { name: 'Bookmarks' })
  await expect(list.getByRole('textbox')).toHaveValue('kept')
  await list.getByRole('textbox').fill('the ring')
  await page.keyboard.press('Enter')
  await page.reload()
  await expect(ui.map).toBeVisible()
  await ui.button('Bookmarks 1').click()
  await list.getByRole('button', { name: 'Go to the ring' }).click()
  await expect(ui.detail.getByRole('heading')).toHaveText('kept')
  await ui.button('Bookmarks 1').click()
  await list.getByRole('button', { name: 'Take the bookmark the ring away' }).click()
  await expect(list).toContainText('No bookmark')
})

test('the pointer outlines the whole allocation; the map can be read as text', async ({ ui, page }) => {
  await ui.createPool('outlines')
  await ui.allocate({ order: 12, name: 'large' })
  await page.keyboard.press('Escape')
  const hover = await token(page, 'map-hover')
  expect(await coloursOf(page)).not.toContain(hover)
  const box = await ui.map.boundingBox()
  if (!box) throw new Error('no map')
  // 4,096 pages at page 4,096 of 16,384: the second quarter of the height
  await page.mouse.move(box.x + box.width / 2, box.y + box.height * 0.37)
  await expect(page.locator('.map-tip')).toContainText('large')
  await expect.poll(() => coloursOf(page)).toContain(hover)

  await page.getByText('Map as text').click()
  const table = page.getByLabel('What is in view, as a table')
  await expect(table.getByRole('row', { name: /large/ })).toContainText('0x101000000-0x101ffffff')
  await expect(table.getByRole('row', { name: /not allocated/ }).first()).toBeVisible()
})

test('what changed since a snapshot lies over the map, and is gone to one after the other', async ({ ui, page }) => {
  await ui.createPool('changes')
  await ui.allocate({ order: 2, name: 'written' })
  await ui.tab('Snapshots')
  await ui.takeSnapshot('before')
  await ui.tab('Map')
  await ui.row('written').click()
  await ui.writeFile('content.bin', Buffer.alloc(4096, 7))
  await expect(ui.detail).toContainText('content.bin')
  await page.getByLabel('Colour by').selectOption('Change since a snapshot')
  await expect(page.getByLabel('Snapshot to compare with')).toHaveValue('before')
  await ui.button('Compare').click()
  await expect(page.getByRole('group', { name: 'Legend' }).getByRole('button', { name: /^changed/ })).toBeVisible()
  const changed = await token(page, 'map-category-6') // a warning hue: allocations are blue
  await expect.poll(() => coloursOf(page)).toContain(changed)
  await ui.map.focus()
  await page.keyboard.press('Home')
  await page.keyboard.press('.')
  await expect(page.getByRole('region', { name: 'Chosen range' })).toContainText('allocated')
})

test('bad pages are called bad in the map as text', async ({ ui, page, lab }) => {
  await ui.createPool('faulty')
  await byOther(lab, (pool, _, helper) => helper.ask('bad/add', { pool, page: 5000, pages: 3, why: 'test' }))
  await page.getByText('Map as text').click()
  const table = page.getByLabel('What is in view, as a table')
  await expect(table.getByRole('row', { name: /0x101388000-0x10138afff 3 bad/ })).toBeVisible()
  await byOther(lab, (pool, _, helper) => helper.ask('bad/add', { pool, page: 6000, pages: 1, why: 'test' }))
  await expect(table.getByRole('row', { name: / 1 bad/ })).toBeVisible()
})

test('the status line says when the cursor is out of view', async ({ ui, page }) => {
  await ui.createPool('scrolled')
  const status = page.locator('#map-status')
  await ui.map.focus()
  await page.keyboard.press('Home')
  for (let step = 0; step < 12; step++) await page.keyboard.press('+')
  await expect(status).toHaveText(/^Page 0 · /)
  const box = await ui.map.boundingBox()
  if (!box) throw new Error('no map')
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2)
  await page.mouse.wheel(0, 2000)
  await page.mouse.move(box.x + box.width / 2, box.y + box.height + 60)
  await expect(status).toHaveText(/^Cursor, out of view: Page 0 · /)
  await ui.map.focus()
  await page.keyboard.press('ArrowRight')
  await expect(status).toHaveText(/^Page 1 · /)
})

test('while the host does not answer the map stays, marked as of before', async ({ ui, page, lab }) => {
  await ui.createPool('kept')
  await ui.allocate({ order: 9, name: 'seen' })
  const named = await token(page, 'map-named')
  const note = page.getByText('As it was last read: the host does not answer now.')
  await expect(note).toHaveCount(0)
  const held = await lab.hold()
  process.kill(await lab.helperPid(), 'SIGKILL')
  await expect(note).toBeVisible()
  expect(await coloursOf(page)).toContain(named)
  await held.go()
  await expect(note).toHaveCount(0)
})
