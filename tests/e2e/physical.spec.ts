// SPDX-License-Identifier: GPL-2.0-or-later
// The physical memory of a host as a picture and a table, and a reservation from the picture to the boot loader.
import { execFileSync } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Locator, Page } from '@playwright/test'
import { look } from './support/axe.ts'
import { expect, test } from './support/fixtures.ts'
import { helperProgram } from './support/lab.ts'

const region = 'memmap=64M$0x100000000'

const mapOf = (page: Page): Locator => page.getByTestId('physical-map')
const detailOf = (page: Page): Locator => page.getByRole('complementary', { name: 'Selected range' })
const planOf = (page: Page): Locator => page.getByRole('region', { name: 'Plan of the reservation' })

async function openMap(page: Page): Promise<void> {
  await page.getByRole('tab', { name: 'Physical memory' }).click()
  await expect(mapOf(page)).toBeVisible()
}

/** Bytes in view, as the status line says them. */
async function inView(page: Page): Promise<string> {
  return (await page.getByTestId('physical-window').textContent()) ?? ''
}

test('kernel, firmware, command line and regions stand on one axis, and their differences are explained', async ({
  ui,
  page
}) => {
  await ui.createPool('seen')
  await page.getByRole('button', { name: 'Simulated host' }).click()
  await openMap(page)
  await expect(mapOf(page)).toHaveAccessibleName(/1 difference, 1 region/)
  const table = page.getByRole('region', { name: 'Ranges' }).getByRole('table')
  for (const name of ['Kernel code', region, 'mem:0x100000000', 'seen', 'System RAM → Reserved'])
    await expect(table.getByRole('button', { name, exact: true })).toBeVisible()

  await mapOf(page).focus()
  await page.keyboard.press('.')
  await expect(detailOf(page).getByRole('heading', { level: 2 })).toHaveText('System RAM → Reserved')
  await expect(detailOf(page)).toContainText(`the command line makes it Reserved by ${region}`)
  await expect(table.getByRole('button', { pressed: true })).toHaveText('System RAM → Reserved')

  await page.keyboard.press('ArrowUp')
  await expect(detailOf(page).getByRole('heading', { level: 2 })).toHaveText('System RAM')
  await expect(page.locator('#physical-status')).toContainText('/sys/firmware/memmap')
  await page.keyboard.press('ArrowUp')
  await expect(page.locator('#physical-status')).toContainText('/proc/iomem')
})

test('keys zoom from the whole address space to one page and back', async ({ ui, page }) => {
  await expect(ui.button('Create pool')).toBeEnabled()
  await openMap(page)
  const all = await inView(page)
  expect(all).toMatch(/^0x0 – 0x/)
  await page.getByRole('textbox', { name: 'Go to address' }).fill('0x101000000')
  await page.keyboard.press('Enter')
  await expect(page.getByTestId('physical-window')).toContainText('0x100fff')
  await mapOf(page).focus()
  await page.keyboard.press('0')
  await expect(page.getByTestId('physical-window')).toHaveText(all)

  await page.getByRole('button', { name: 'Linear' }).click()
  await mapOf(page).focus()
  for (let press = 0; press < 60; press++) await page.keyboard.press('+')
  await expect(page.getByTestId('physical-window')).toContainText(', 4 KiB')
  const first = await inView(page)
  await page.keyboard.press('Shift+ArrowRight')
  await expect(page.getByTestId('physical-window')).not.toHaveText(first)
  await page.keyboard.press('0')
  await expect(page.getByTestId('physical-window')).toHaveText(all)
})

test('the wheel zooms at the pointer, dragging moves, a double click fits', async ({ ui, page }) => {
  await expect(ui.button('Create pool')).toBeEnabled()
  await openMap(page)
  const all = await inView(page)
  const box = (await mapOf(page).boundingBox())!
  const middle = { x: box.x + box.width / 2, y: box.y + 30 }
  await page.mouse.move(middle.x, middle.y)
  await page.mouse.wheel(0, -400)
  await expect(page.getByTestId('physical-window')).not.toHaveText(all)
  const zoomed = await inView(page)
  await page.mouse.down()
  await page.mouse.move(middle.x - 120, middle.y, { steps: 4 })
  await page.mouse.up()
  await expect(page.getByTestId('physical-window')).not.toHaveText(zoomed)
  await page.getByRole('row').filter({ hasText: 'Kernel code' }).dblclick()
  await expect(page.locator('#physical-status')).toContainText('Kernel code')
  await expect(page.getByTestId('physical-window')).toContainText(/^0xe|^0xf/)
})

test('the table sorts, filters and follows the legend', async ({ ui, page }) => {
  await expect(ui.button('Create pool')).toBeEnabled()
  await openMap(page)
  const table = page.getByRole('region', { name: 'Ranges' }).getByRole('table')
  await page.getByRole('searchbox', { name: 'Filter the ranges' }).fill('0x1800000')
  await expect(table.getByRole('button', { name: 'Kernel code' })).toBeVisible()
  await expect(table.getByRole('button', { name: 'Kernel data' })).toHaveCount(0)
  await page.getByRole('searchbox', { name: 'Filter the ranges' }).fill('')
  await table.getByRole('columnheader', { name: 'Size' }).getByRole('button').click()
  await expect(table.getByRole('columnheader', { name: 'Size' })).toHaveAttribute('aria-sort', 'ascending')

  await page.getByRole('button', { name: 'Kernel image' }).click()
  await expect(table.getByRole('button', { name: 'Kernel code' })).toHaveCount(0)
  await page.getByRole('button', { name: 'Show all' }).click()
  await table.getByRole('button', { name: 'Kernel code' }).click()
  await page.keyboard.press('ArrowDown')
  await expect(table.getByRole('button', { pressed: true })).toBeFocused()
  await expect(table.getByRole('button', { pressed: true })).not.toHaveText('Kernel code')
})

test('a range is dragged, planned, copied for GRUB, kept, and checked after the boot', async ({ ui, page, lab }) => {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await expect(ui.button('Create pool')).toBeEnabled()
  await openMap(page)
  const free = page.getByRole('row').filter({ hasText: 'Can be reserved' }).last()
  await free.dblclick()
  const box = (await mapOf(page).boundingBox())!
  await page.keyboard.down('Shift')
  await page.mouse.move(box.x + box.width * 0.4, box.y + 30)
  await page.mouse.down()
  await page.mouse.move(box.x + box.width * 0.6, box.y + 30, { steps: 5 })
  await page.mouse.up()
  await page.keyboard.up('Shift')
  const [base, size] = [page.getByLabel('Base'), page.getByLabel('Size', { exact: true })]
  expect(Number(await base.inputValue()) % 2 ** 21).toBe(0)
  expect(await size.inputValue()).toMatch(/^\d+M$/)

  await base.fill('0x110000000')
  await size.fill('256M')
  await expect(planOf(page)).toContainText('This range can be reserved')
  await expect(planOf(page)).toContainText('This is a simulated host')
  const option = 'memmap=256M$0x110000000'
  await expect(planOf(page).getByText(option, { exact: true }).first()).toBeVisible()

  await planOf(page).getByRole('tab', { name: 'GRUB' }).click()
  await expect(planOf(page)).toContainText('Why the backslashes')
  await page.getByRole('button', { name: 'Copy line for GRUB' }).click()
  const clipboard = (): Promise<string> => page.evaluate(() => navigator.clipboard.readText())
  await expect.poll(clipboard).toContain(String.raw`memmap=256M\\\$0x110000000`)
  const line = await clipboard()
  // what grub-mkconfig's shell makes of it still has the backslash that GRUB takes
  const configured = execFileSync('sh', ['-c', `${line}\nprintf %s "$GRUB_CMDLINE_LINUX$GRUB_CMDLINE_LINUX_DEFAULT"`])
  expect(configured.toString()).toContain(String.raw`memmap=256M\$0x110000000`)

  await page.getByRole('button', { name: 'Remember this, check after the reboot' }).click()
  await page.getByRole('tab', { name: 'Kept reservations' }).click()
  const kept = page.getByRole('article', { name: `Reservation ${option}` })
  await expect(kept).toContainText('waiting')

  execFileSync(helperProgram, ['--simulate', lab.directory, 'host', 'reset'])
  await ui.button('Check again').click()
  await expect(kept).toContainText('differs')
  await page.getByRole('tab', { name: 'Overview' }).click()
  await expect(page.getByText('Not reserved as meant:')).toBeVisible()
  await page.getByRole('button', { name: 'See kept reservations' }).click()

  await page.getByRole('button', { name: `Forget ${option}` }).click()
  await expect(ui.confirmation.getByRole('heading')).toHaveText(`Forget ${option}?`)
  await ui.confirmation.getByRole('button', { name: 'Forget' }).click()
  await expect(page.getByText('Nothing is kept.')).toBeVisible()
})

test('what cannot be reserved says why', async ({ ui, page }) => {
  await expect(ui.button('Create pool')).toBeEnabled()
  await openMap(page)
  await page.getByRole('tab', { name: 'Plan a reservation' }).click()
  await page.getByLabel('Base').fill('some')
  await expect(page.getByText('The base is no address')).toBeVisible()
  await page.getByLabel('Base').fill('0x1000000')
  await page.getByLabel('Size', { exact: true }).fill('16M')
  await expect(planOf(page)).toContainText('This range cannot be reserved')
})

test('addresses that the kernel hides are explained, with the ways out', async ({ ui, page, lab }) => {
  await expect(ui.button('Create pool')).toBeEnabled()
  await openMap(page)
  const file = join(lab.directory, 'proc/iomem')
  const shown = await readFile(file, 'utf8')
  await writeFile(file, shown.replace(/[0-9a-f]+-[0-9a-f]+ :/g, '00000000-00000000 :'))
  await ui.button('Read the memory map again').click()
  const note = page.getByRole('region', { name: 'Addresses are hidden' })
  await expect(note).toContainText('CAP_SYS_ADMIN')
  await expect(note).toContainText('sudo pmpool host memory')
  await expect(page.getByRole('region', { name: 'Ranges' }).getByRole('button', { name: 'Kernel code' })).toHaveCount(0)
})

test('axe finds nothing in physical memory', async ({ ui, page }) => {
  await expect(ui.button('Create pool')).toBeEnabled()
  await openMap(page)
  await mapOf(page).focus()
  await page.keyboard.press('.')
  await expect(detailOf(page)).toContainText('Copy as')
  await look(page, 'a difference')
  await page.getByRole('tab', { name: 'Plan a reservation' }).click()
  await page.getByLabel('Base').fill('0x110000000')
  await page.getByLabel('Size', { exact: true }).fill('256M')
  await expect(page.getByRole('button', { name: 'Remember this, check after the reboot' })).toBeEnabled()
  await look(page, 'a plan')
  await page.getByRole('button', { name: 'Remember this, check after the reboot' }).click()
  await page.getByRole('tab', { name: 'Kept reservations' }).click()
  await expect(page.getByRole('article')).toBeVisible()
  await look(page, 'kept')
})
