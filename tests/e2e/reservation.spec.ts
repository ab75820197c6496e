// SPDX-License-Identifier: GPL-2.0-or-later
// A reservation that was remembered, after the boot: as meant, or wrong in each way. And the line of each boot loader.
import { execFileSync } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Locator, Page } from '@playwright/test'
import { expect, test } from './support/fixtures.ts'
import { helperProgram, type Lab } from './support/lab.ts'

const region = 'ro memmap=64M$0x100000000'
const option = 'memmap=256M$0x110000000'

const planOf = (page: Page): Locator => page.getByRole('region', { name: 'Plan of the reservation' })
const keptOf = (page: Page): Locator => page.getByRole('article', { name: `Reservation ${option}` })

async function put(lab: Lab, file: string, text: string | Buffer): Promise<void> {
  await mkdir(dirname(join(lab.directory, file)), { recursive: true })
  await writeFile(join(lab.directory, file), text)
}

/** A cold boot with this command line, as if the boot loader's file had it. */
async function boot(lab: Lab, cmdline: string): Promise<void> {
  await put(lab, 'etc/kernel/cmdline', `${cmdline}\n`)
  execFileSync(helperProgram, ['--simulate', lab.directory, 'host', 'reset'])
}

async function plan(page: Page): Promise<void> {
  await page.getByRole('tab', { name: 'Physical memory' }).click()
  await page.getByRole('tab', { name: 'Plan a reservation' }).click()
  await page.getByLabel('Base').fill('0x110000000')
  await page.getByLabel('Size', { exact: true }).fill('256M')
  await expect(planOf(page)).toContainText('This range can be reserved')
}

async function keep(page: Page): Promise<void> {
  await plan(page)
  await page.getByRole('button', { name: 'Remember this, check after the reboot' }).click()
  await page.getByRole('tab', { name: 'Kept reservations' }).click()
  await expect(keptOf(page)).toContainText('waiting')
}

/** The checks of a kept reservation that do not pass. */
const failed = (page: Page): Locator => keptOf(page).locator('li').filter({ hasText: /fail/i })

test('it arrived as meant', async ({ ui, page, lab }) => {
  await expect(ui.button('Create pool')).toBeEnabled()
  await keep(page)
  await boot(lab, `${region} ${option}`)
  await ui.button('Check again').click()
  await expect(keptOf(page)).toContainText('arrived')
  await expect(keptOf(page)).toContainText('Command line, memory map and region are as meant.')
  await keptOf(page).getByText('3 checks').click()
  await expect(keptOf(page)).toContainText('The region can be used')
  await expect(failed(page)).toHaveCount(0)
})

for (const [name, cmdline, said, wrong] of [
  ['at another address', `${region} memmap=256M$0x120000000`, 'The address is another one', 3],
  ['shorter', `${region} memmap=128M$0x110000000`, 'The size is another one', 3],
  ['as persistent memory', `${region} memmap=256M!0x110000000`, 'The kind is another one', 2],
  ['without its $', `${region} memmap=256M0x110000000`, 'The $ was lost on the way', 3],
  ['not at all', region, 'The command line does not have it', 3]
] as const) {
  test(`it arrived ${name}`, async ({ ui, page, lab }) => {
    await expect(ui.button('Create pool')).toBeEnabled()
    await keep(page)
    await boot(lab, cmdline)
    await ui.button('Check again').click()
    await expect(keptOf(page)).toContainText('differs')
    await expect(keptOf(page)).toContainText(said)
    await expect(failed(page)).toHaveCount(wrong)
  })
}

test('it arrived on the command line, and Linux uses the range as RAM all the same', async ({ ui, page, lab }) => {
  await expect(ui.button('Create pool')).toBeEnabled()
  await keep(page)
  await boot(lab, `${region} ${option}`)
  const file = join(lab.directory, 'proc/iomem')
  const iomem = await readFile(file, 'utf8')
  expect(iomem).toContain('110000000-11fffffff : Reserved')
  await writeFile(file, iomem.replace('110000000-11fffffff : Reserved', '110000000-11fffffff : System RAM'))
  await ui.button('Check again').click()
  await expect(keptOf(page)).toContainText('differs')
  await expect(keptOf(page)).toContainText('The command line has it')
  await expect(keptOf(page)).toContainText("The kernel's map does not have it")
  await expect(keptOf(page)).toContainText('Linux uses what is System RAM')
})

test('the loader that this host seems to use is open first, with what says so', async ({ ui, page, lab }) => {
  await put(lab, 'etc/default/grub', 'GRUB_CMDLINE_LINUX="quiet"\nGRUB_ENABLE_BLSCFG=true\n')
  await put(lab, 'boot/grub2/grub.cfg', '')
  await expect(ui.button('Create pool')).toBeEnabled()
  await plan(page)
  const open = planOf(page).getByRole('tab', { selected: true })
  const shown = planOf(page).getByRole('tabpanel')
  await expect(open).toHaveText(/Fedora, RHEL/)
  await expect(shown).toContainText('This host seems to use it: GRUB_ENABLE_BLSCFG=true in /etc/default/grub')
  await expect(shown).toContainText("grubby --update-kernel=ALL --args='$pmpool_ranges'")
  await expect(shown.getByRole('listitem').last()).toContainText(option)
  await expect(planOf(page)).not.toContainText('do not use this line')

  // attributes, then UTF-16: what the loader of this boot said of itself
  const said = Buffer.concat([Buffer.from([6, 0, 0, 0]), Buffer.from('systemd-boot 255\0', 'utf16le')])
  await put(lab, 'sys/firmware/efi/efivars/LoaderInfo-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f', said)
  await page.getByLabel('Size', { exact: true }).fill('128M')
  await expect(planOf(page).getByText('memmap=128M$0x110000000', { exact: true }).first()).toBeVisible()
  await expect(planOf(page).getByRole('tab').first()).toHaveText(/systemd-boot/)
})

test('extlinux gets a line for each label', async ({ ui, page, lab }) => {
  await put(
    lab,
    'boot/extlinux/extlinux.conf',
    'label linux\n  append root=/dev/a ro\nlabel rescue\n  append single\nlabel disk\n  localboot 0\n'
  )
  await expect(ui.button('Create pool')).toBeEnabled()
  await plan(page)
  const shown = planOf(page).getByRole('tabpanel')
  await expect(shown.getByTestId('loader-line')).toHaveText(
    `label linux\n  append root=/dev/a ro ${option}\nlabel rescue\n  append single ${option}`
  )
  await expect(shown).toContainText('Without options of their own: disk.')
})
