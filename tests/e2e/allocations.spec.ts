// SPDX-License-Identifier: GPL-2.0-or-later
// The table of allocations and what can be done to one and to several of them, by mouse and by keyboard.
import { readFile } from 'node:fs/promises'
import type { Locator, Page } from '@playwright/test'
import type { Allocation } from '../../main/api/index.ts'
import { expect, test } from './support/fixtures.ts'
import type { Helper } from './support/helper.ts'
import type { Lab } from './support/lab.ts'
import type { LabPage } from './support/page.ts'

interface Made {
  readonly pages: number
  readonly name?: string
  readonly owner?: string
}

/** Allocations by another process, in order. */
async function make(lab: Lab, wanted: readonly Made[]): Promise<void> {
  const helper = await lab.openHelper()
  try {
    const [pool] = (await helper.ask('pool/list', {})).pools
    for (let at = 0; at < wanted.length; at += 500) {
      const part = wanted.slice(at, at + 500)
      await Promise.all(
        part.map(({ pages, name = '', owner = '' }) =>
          helper.ask('allocation/create', {
            pool: pool?.uuid ?? '',
            pages,
            name,
            owner,
            purpose: '',
            placement: 'first'
          })
        )
      )
    }
  } finally {
    await helper.close()
  }
}

const five: readonly Made[] = [
  { pages: 2, name: 'ring-10', owner: 'vfio' },
  { pages: 512, name: 'ring-9', owner: 'vfio' },
  { pages: 30, name: 'log', owner: 'console' },
  { pages: 1 },
  { pages: 7, name: 'state', owner: 'vfio' }
]

async function withFive(ui: LabPage, lab: Lab): Promise<void> {
  await ui.createPool('lab')
  await make(lab, five)
  await expect(grid(ui.page)).toHaveAccessibleName('5 allocations')
}

/** A treegrid while it is grouped. */
const grid = (page: Page) =>
  page.getByRole('grid', { name: /allocation/ }).or(page.getByRole('treegrid', { name: /allocation/ }))
const filterOf = (page: Page) => page.getByLabel('Filter the allocations')
const notices = (page: Page) => page.getByRole('status', { name: 'Notices' })

/** Names in the order of the rows; heads of groups by their owner. */
const names = (page: Page): Promise<string[]> =>
  grid(page)
    .locator('[data-row]')
    .evaluateAll((rows) =>
      rows.map((row) => (row.querySelector('strong') ?? row.querySelectorAll('[role=gridcell]')[5])?.textContent ?? '')
    )

/** In an order that does not depend on where the allocator put them. */
const byName = (page: Page): Promise<void> =>
  page.getByRole('columnheader', { name: 'Name' }).getByRole('button').click()

test('the table is filtered, sorted and grouped', async ({ ui, page, lab }) => {
  await withFive(ui, lab)
  for (const [text, found] of [
    ['ring', 2],
    ['owner:vfio', 3],
    ['size:>=1M', 1],
    ['unnamed', 1],
    ['-unnamed order:>=1', 4],
    ['age:<1h boot:running', 4]
  ] as const) {
    await filterOf(page).fill(text)
    await expect(grid(page)).toHaveAccessibleName(found === 1 ? '1 allocation' : `${found} allocations`)
  }
  await filterOf(page).fill('owner:vfio size:>1Q')
  await expect(page.getByText('size:>1Q: A size is written as size:>1M. It is left out.')).toBeVisible()
  await expect(grid(page)).toHaveAccessibleName('3 allocations')
  await filterOf(page).press('Escape')

  await byName(page)
  await expect.poll(() => names(page)).toEqual(['log', 'ring-9', 'ring-10', 'state', 'unnamed'])
  await page.getByRole('columnheader', { name: 'Pages' }).getByRole('button').focus()
  await page.keyboard.press('Enter')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('columnheader', { name: 'Pages' })).toHaveAttribute('aria-sort', 'descending')
  await expect.poll(() => names(page)).toEqual(['ring-9', 'log', 'state', 'ring-10', 'unnamed'])

  await page.getByRole('button', { name: 'Group by owner, or not' }).click()
  await expect
    .poll(() => names(page))
    .toEqual(['vfio', 'ring-9', 'state', 'ring-10', 'console', 'log', 'unnamed', 'unnamed'])
  await expect(grid(page).getByRole('row').filter({ hasText: /^vfio/ })).toContainText('3 allocations · 521 pages')
  await page.getByRole('button', { name: 'Collapse vfio' }).click()
  await expect.poll(() => names(page)).toEqual(['vfio', 'console', 'log', 'unnamed', 'unnamed'])
  await page.reload()
  await expect.poll(() => names(page)).toContain('console') // how it is looked at is remembered
})

test('what a filter can say is listed, and begins one', async ({ ui, page, lab }) => {
  await withFive(ui, lab)
  await page.getByRole('button', { name: 'What a filter can say' }).click()
  await page.getByRole('button', { name: 'unnamed', exact: true }).click()
  await expect(filterOf(page)).toHaveValue('unnamed')
  await expect(grid(page)).toHaveAccessibleName('1 allocation')
  await filterOf(page).fill('nothing is like this')
  await page.getByRole('button', { name: 'Show all' }).click()
  await expect(grid(page)).toHaveAccessibleName('5 allocations')
})

test('several are chosen by keyboard and by mouse, and summed', async ({ ui, page, lab }) => {
  await withFive(ui, lab)
  await byName(page)
  await grid(page).focus()
  await page.keyboard.press('Home')
  await page.keyboard.press('Shift+ArrowDown')
  await page.keyboard.press('Shift+ArrowDown')
  await expect(page.getByText('3 chosen: 544 pages, 2.13 MiB')).toBeVisible()
  await expect(ui.detail.getByRole('heading')).toHaveText('3 allocations')
  await page.keyboard.press('Control+ArrowDown')
  await page.keyboard.press('Control+Space')
  await expect(page.getByText('4 chosen: 551 pages')).toBeVisible()
  await page.keyboard.press('Control+a')
  await expect(page.getByText('5 chosen: 552 pages')).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(grid(page).getByRole('row', { selected: true })).toHaveCount(0)

  await ui.row(/ring-10/).click()
  await ui.row(/log/).click({ modifiers: ['Control'] })
  await ui.row(/state/).click({ modifiers: ['Control'] })
  await ui.row(/log/).click({ modifiers: ['Control'] })
  await expect(page.getByText('2 chosen: 9 pages')).toBeVisible()
  await ui.row(/log/).click({ modifiers: ['Shift'] })
  await expect(grid(page).getByRole('row', { selected: true })).not.toHaveCount(0)
})

test('the map and the table show the same selection', async ({ ui, page, lab }) => {
  await withFive(ui, lab)
  await ui.row(/log/).click()
  await ui.map.focus()
  await page.keyboard.press(']')
  await expect(ui.detail.getByRole('heading')).not.toHaveText('log')
  await expect(grid(page).getByRole('row', { selected: true })).toHaveCount(1)
  await expect(grid(page).getByRole('row', { selected: true })).toBeInViewport()
})

test('several are freed at once; which of them failed is told, with the reason', async ({ ui, page, lab }) => {
  await withFive(ui, lab)
  await ui.row(/ring-10/).click()
  await ui.row(/ring-9/).click({ modifiers: ['Control'] })
  await ui.row(/log/).click({ modifiers: ['Control'] })
  await page.keyboard.press('Delete')
  await expect(ui.confirmation).toContainText('Free 3 allocations?')
  await expect(ui.confirmation).toContainText('544 pages, 2.13 MiB')
  for (const name of ['ring-10', 'ring-9', 'log']) await expect(ui.confirmation.getByText(name)).toBeVisible()
  await expect(ui.confirmation).toContainText('cannot be undone')
  await expect(ui.confirmation.getByRole('button', { name: 'Cancel' })).toBeFocused()

  // somebody else is quicker
  const helper = await lab.openHelper()
  const [pool] = (await helper.ask('pool/list', {})).pools
  const of = { pool: pool?.uuid ?? '' }
  const { allocations } = await helper.ask('allocation/list', { ...of, from: 0, limit: 10 })
  const log = allocations.find(({ record }) => record?.name === 'log')!
  await helper.ask('allocation/free', {
    ...of,
    page: log.page,
    expect: { pages: log.pages, recordId: log.record?.id ?? null }
  })
  await helper.close()

  await ui.confirmation.getByRole('button', { name: 'Free' }).click()
  await expect(ui.confirmation.getByRole('alert')).toContainText('2 of 3 freed.')
  await expect(ui.confirmation.getByRole('list', { name: 'What failed' }).getByRole('listitem')).toHaveCount(1)
  await expect(ui.confirmation.getByRole('list', { name: 'What failed' })).toContainText('“log”')
  await expect(ui.confirmation.getByRole('list', { name: 'What failed' })).toContainText('not-allocated')
  await ui.confirmation.getByRole('button', { name: 'Cancel' }).click()
  await expect(grid(page)).toHaveAccessibleName('2 allocations')
})

/** The allocations of the pool, to another process. */
async function beside(lab: Lab, act: (helper: Helper, pool: string, list: readonly Allocation[]) => Promise<unknown>) {
  const helper = await lab.openHelper()
  try {
    const [pool] = (await helper.ask('pool/list', {})).pools
    const { allocations } = await helper.ask('allocation/list', { pool: pool!.uuid, from: 0, limit: 100 })
    await act(helper, pool!.uuid, allocations)
  } finally {
    await helper.close()
  }
}

test('what another process frees is chosen no more, nor is what it puts there', async ({ ui, page, lab }) => {
  await withFive(ui, lab)
  await ui.row(/log/).click()
  await ui.row(/ring-10/).click({ modifiers: ['Control'] })
  await ui.row(/state/).click({ modifiers: ['Control'] })
  await expect(page.getByText('3 chosen:')).toBeVisible()
  await beside(lab, async (helper, pool, list) => {
    const { page: at, pages, address, record } = list.find((each) => each.record?.name === 'state')!
    await helper.ask('allocation/free', { pool, page: at, expect: { pages, recordId: record!.id } })
    const there = { addressFrom: address, addressTo: address + pages * 4096 }
    const { page: again } = await helper.ask('allocation/create', { pool, pages, name: 'usurper', ...there })
    expect(again).toBe(at)
  })
  await expect(ui.row(/usurper/)).toHaveAttribute('aria-selected', 'false')
  await expect(page.getByText('2 chosen: 32 pages')).toBeVisible()
  await expect(grid(page).getByRole('row', { selected: true })).toHaveCount(2)
})

test('after an allocation is freed the keys go on where it was', async ({ ui, page, lab }) => {
  await withFive(ui, lab)
  await byName(page)
  await ui.row(/ring-9/).click()
  await page.keyboard.press('Delete')
  await ui.confirmation.getByRole('button', { name: 'Free' }).click()
  await expect(grid(page)).toHaveAccessibleName('4 allocations')
  await grid(page).focus()
  await page.keyboard.press('ArrowDown')
  await expect(ui.detail.getByRole('heading')).toHaveText('state') // behind ring-10, which came into its place
})

test('a dialog about an allocation ends when its pool goes out of view', async ({ ui, page, lab }) => {
  await withFive(ui, lab)
  await ui.row(/log/).click()
  await page.keyboard.press('Delete')
  await expect(ui.confirmation).toBeVisible()
  await page.goBack()
  await expect(ui.confirmation).toHaveCount(0)
})

test('a rename is taken back from its notice, and so are labels of several', async ({ ui, page, lab }) => {
  await withFive(ui, lab)
  await ui.row(/log/).click()
  await page.keyboard.press('F2')
  await ui.dialog.getByLabel('Name', { exact: true }).fill('journal')
  await page.keyboard.press('Enter')
  await expect(notices(page)).toContainText('“log” renamed to “journal”.')
  await expect(ui.row(/journal/)).toHaveCount(1)
  await notices(page).getByRole('button', { name: 'Undo' }).click()
  await expect(ui.row(/log/)).toHaveCount(1)
  await expect(ui.row(/journal/)).toHaveCount(0)

  await grid(page).focus()
  await page.keyboard.press('Control+a')
  await page.keyboard.press('F2')
  await expect(ui.dialog.getByText('1 of those chosen are unnamed')).toBeVisible()
  await ui.dialog.getByLabel('Owner', { exact: true }).fill('qemu')
  await ui.dialog.getByRole('button', { name: 'Save' }).click()
  await expect(grid(page).getByRole('gridcell', { name: 'qemu' })).toHaveCount(4)
  await notices(page).getByRole('button', { name: 'Undo' }).last().click()
  await expect(grid(page).getByRole('gridcell', { name: 'vfio' })).toHaveCount(3)
  await expect(grid(page).getByRole('gridcell', { name: 'console' })).toHaveCount(1)
})

test('a notice hides nothing; keys take it back and dismiss it, and the focus goes back', async ({ ui, page, lab }) => {
  await withFive(ui, lab)
  const rename = async (from: string, to: string): Promise<void> => {
    await ui.row(new RegExp(from)).click()
    await page.keyboard.press('F2')
    await ui.dialog.getByLabel('Name', { exact: true }).fill(to)
    await page.keyboard.press('Enter')
    await expect(notices(page)).toContainText(`“${from}” renamed to “${to}”.`)
  }
  const whole = (locator: Locator): Promise<boolean> =>
    locator.evaluate((element) => {
      const { left, right, top, bottom } = element.getBoundingClientRect()
      const y = (top + bottom) / 2
      return [left + 4, (left + right) / 2, right - 4].every((x) => element.contains(document.elementFromPoint(x, y)))
    })
  await rename('log', 'journal')
  for (const row of await grid(page).locator('[data-row]').all()) expect(await whole(row)).toBe(true)
  expect(await whole(page.locator('.table-foot'))).toBe(true)
  expect(await whole(page.getByRole('button', { name: 'Files of the lab' }))).toBe(true)
  await grid(page).focus()
  await page.keyboard.press('u')
  await expect(ui.row(/log/)).toHaveCount(1)
  await grid(page).focus()
  await page.keyboard.press('x')
  await expect(notices(page).getByRole('button')).toHaveCount(0)

  await rename('log', 'journal')
  await grid(page).focus()
  await notices(page).getByRole('button', { name: 'Undo' }).focus()
  await page.keyboard.press('Escape')
  await expect(notices(page).getByRole('button')).toHaveCount(0)
  await expect(grid(page)).toBeFocused()
})

test('an allocation is copied in the forms that are pasted elsewhere', async ({ ui, page, lab, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  await withFive(ui, lab)
  await ui.row(/ring-9/).click()
  const [at, pfn] = await Promise.all([
    grid(page).getByRole('row', { selected: true }).getByRole('gridcell').nth(3).textContent(),
    ui.detail.getByText(/^[\d,]+, 0x/).textContent()
  ])
  const address = at ?? ''
  const clipboard = (): Promise<string> => page.evaluate(() => navigator.clipboard.readText())
  for (const [form, text] of [
    ['Address, decimal', String(Number(address))],
    ['Page frame number', pfn?.split(', ')[1] ?? ''],
    ['Size in bytes', '2097152'],
    ['memmap= argument', `memmap=2M$${address}`],
    ['memmap= for /etc/default/grub', `memmap=2M\\\\\\$${address}`],
    ['Kernel argument', `ring-9=${address},2M`],
    ['GDB: examine', `x/512gx ${address}`],
    ['C initialiser', `{ .name = "ring-9", .base = ${address}ULL, .size = 0x200000ULL },`]
  ] as const) {
    await ui.row(/ring-9/).click({ button: 'right' })
    await page.getByRole('menuitem', { name: 'Copy as' }).press('ArrowRight')
    await page.getByRole('menuitem', { name: form }).press('Enter')
    await expect.poll(clipboard).toBe(text)
  }
  await grid(page).focus()
  await page.keyboard.press('Control+a')
  await page.keyboard.press('Control+c')
  await expect.poll(async () => (await clipboard()).split('\n').length).toBe(5)
  await ui.detail.getByRole('button', { name: 'Copy as' }).click()
  await page.getByRole('menuitem', { name: 'JSON' }).click()
  await expect.poll(async () => (JSON.parse(await clipboard()) as unknown[]).length).toBe(5)
})

test('a menu of the row is there by keyboard, and says why something cannot be done', async ({ ui, page, lab }) => {
  await withFive(ui, lab)
  await grid(page).focus()
  await page.keyboard.press('Home')
  await page.keyboard.press('Shift+ArrowDown')
  await page.keyboard.press('Shift+F10')
  const resize = page.getByRole('menuitem', { name: 'Resize …' })
  await expect(resize).toHaveAttribute('aria-disabled', 'true')
  await expect(resize).toHaveAttribute('title', 'It is for one allocation; several are chosen.')
  await page.getByRole('menuitem', { name: 'Free …' }).press('Enter')
  await expect(ui.confirmation).toContainText('Free 2 allocations?')
})

test('an allocation shrinks and grows where it is', async ({ ui, page, lab }) => {
  await withFive(ui, lab)
  await ui.row(/state/).click()
  await page.keyboard.press('Shift+R')
  await ui.dialog.getByLabel('Pages', { exact: true }).fill('4')
  await expect(ui.dialog.getByText('Its last 3 pages, 12 KiB, become free')).toBeVisible()
  await ui.dialog.getByText('as command').click()
  await expect(ui.dialog.getByText(/resize lab page:\d+ 4$/)).toBeVisible()
  await ui.dialog.getByRole('button', { name: 'Shrink' }).click()
  await expect(ui.detail).toContainText('4 pages (order 2)')

  await ui.row(/ring-10/).click()
  await ui.detail.getByRole('button', { name: 'Resize …' }).click()
  await ui.dialog.getByLabel('Pages', { exact: true }).fill('30000')
  await ui.dialog.getByRole('button', { name: 'Grow' }).click()
  await expect(ui.dialog.getByRole('alert')).toContainText('no-space')
  await ui.dialog.getByRole('button', { name: 'Cancel' }).click()
  await expect(ui.detail).toContainText('2 pages (order 1)')
})

test('allocations are filled with a pattern, at once and afterwards', async ({ ui, page }) => {
  await ui.createPool('lab')
  await ui.fillAllocation({ pages: 3, name: 'born-full' })
  await ui.dialog.getByLabel('Fill it with a pattern').check()
  await ui.dialog.getByLabel('Pattern', { exact: true }).selectOption('data')
  await ui.dialog.getByLabel('Bytes, in hexadecimal').fill('de ad be')
  await expect(ui.dialog.getByRole('button', { name: 'Allocate', exact: true })).toBeEnabled()
  await ui.dialog.getByLabel('Bytes, in hexadecimal').fill('de ad be e')
  await expect(ui.dialog.getByRole('button', { name: 'Allocate', exact: true })).toBeDisabled()
  await ui.dialog.getByLabel('Bytes, in hexadecimal').fill('de ad be ef')
  await ui.dialog.getByRole('button', { name: 'Allocate', exact: true }).click()
  await expect(ui.dialog).toHaveCount(0)
  await expect(ui.detail.getByLabel('First bytes')).toContainText('de ad be ef de ad be ef')

  await page.keyboard.press('Shift+F')
  await expect(ui.dialog.getByText('12 KiB of 12 KiB are overwritten. This cannot be undone.')).toBeVisible()
  await ui.dialog.getByLabel('Pattern', { exact: true }).selectOption('ones')
  await ui.dialog.getByRole('button', { name: 'Fill' }).click()
  await expect(ui.detail.getByLabel('First bytes')).toContainText('ff ff ff ff ff ff ff ff')
  await expect(notices(page)).toContainText('12 KiB of “born-full” filled with ones.')
})

test('one after the other is allocated from a dialog that stays open', async ({ ui, page }) => {
  await ui.createPool('lab')
  await ui.fillAllocation({ order: 2, name: 'first' })
  await ui.dialog.getByLabel('Keep open').check()
  await ui.dialog.getByRole('button', { name: 'Allocate', exact: true }).click()
  await expect(ui.dialog.getByText(/^Allocated “first”: 4 pages at 0x/)).toBeVisible()
  await ui.dialog.getByLabel('Name', { exact: true }).fill('second')
  await ui.dialog.getByRole('button', { name: 'Allocate', exact: true }).click()
  await expect(ui.dialog.getByText(/^Allocated “second”/)).toBeVisible()
  await page.keyboard.press('Escape')
  await expect.poll(async () => (await names(page)).sort()).toEqual(['first', 'second'])
})

test('a file goes in and out by the commands too; several go out as a file each', async ({ ui, page, lab }) => {
  await withFive(ui, lab)
  await ui.row(/ring-10/).click()
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.keyboard.press('Shift+W')])
  await chooser.setFiles({ name: 'hello.txt', mimeType: 'text/plain', buffer: Buffer.from('hello, pool') })
  await expect(ui.detail.getByText('Equal to hello.txt')).toBeVisible()
  const files = new Map<string, Buffer>()
  page.on('download', (download) => {
    void download.path().then(async (path) => files.set(download.suggestedFilename(), await readFile(path)))
  })
  await ui.row(/state/).click({ modifiers: ['Control'] })
  await ui.detail.getByRole('button', { name: 'Dump to files' }).click()
  await expect.poll(() => [...files.keys()].sort()).toEqual(['ring-10.bin', 'state.bin'])
  expect(files.get('ring-10.bin')?.subarray(0, 11).toString()).toBe('hello, pool')
  expect(files.get('state.bin')?.length).toBe(7 * 4096)
})

test.describe('many', () => {
  test.use({ regionSize: '256M' })

  test('20,000 allocations of another process: listed, scrolled, filtered, chosen', async ({ ui, page, lab }) => {
    await ui.createPool('many')
    await make(
      lab,
      Array.from({ length: 20_000 }, (_, index) => ({
        pages: 1 + (index % 3),
        ...(index % 10 === 0 ? { name: `record-${index}`, owner: `owner-${index % 7}` } : {})
      }))
    )
    await expect(grid(page)).toHaveAccessibleName('20,000 allocations')
    expect(await grid(page).getByRole('row').count()).toBeLessThan(80)
    await grid(page).focus()
    await page.keyboard.press('End')
    await expect(grid(page).getByRole('row', { selected: true })).toBeInViewport()
    await page.keyboard.press('Shift+Home')
    await expect(page.getByText('20,000 chosen:')).toBeVisible()
    await filterOf(page).fill('record-1999 owner:owner-')
    await expect(grid(page)).toHaveAccessibleName('1 allocation')
    await filterOf(page).fill('pages:3 unnamed')
    await expect(grid(page)).toHaveAccessibleName('6,000 allocations')
    await grid(page).evaluate((box) => box.scrollTo(0, box.scrollHeight))
    await expect(grid(page).getByRole('row').last()).toBeInViewport()
  })
})
