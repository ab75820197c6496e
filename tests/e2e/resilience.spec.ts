// SPDX-License-Identifier: GPL-2.0-or-later
// Helpers die, other processes work on the same pool: the page says so and keeps up.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from './support/fixtures.ts'
import { helperProgram } from './support/lab.ts'

const run = promisify(execFile)

test('a helper that is killed: the page says so, reconnects, and works on', async ({ ui, page, lab }) => {
  await ui.createPool('tough')
  await ui.allocate({ order: 3, name: 'kept' })
  const held = await lab.hold()
  process.kill(await lab.helperPid(), 'SIGKILL')
  const banner = page.getByRole('alert').filter({ hasText: 'is gone' })
  await expect(banner).toContainText('reconnects by itself')
  await expect(ui.row(/kept/)).toBeVisible()
  await expect(ui.button('Allocate').first()).toBeDisabled()

  await held.go()
  await expect(banner).toHaveCount(0)
  await expect(ui.button('Allocate').first()).toBeEnabled()
  await ui.allocate({ order: 4, name: 'after' })
  await expect(ui.row(/kept/)).toBeVisible()
})

test('a helper that is killed again and again leaves a pool that attaches', async ({ ui, page, lab }) => {
  await ui.createPool('tough')
  for (const name of ['one', 'two', 'three']) {
    const held = await lab.hold()
    process.kill(await lab.helperPid(), 'SIGKILL')
    await expect(ui.button('Allocate').first()).toBeDisabled()
    await held.go()
    await expect(ui.button('Allocate').first()).toBeEnabled()
    await ui.allocate({ order: 1, name })
  }
  await page.reload()
  await expect(ui.page.getByRole('grid').getByRole('row')).toHaveCount(4)
})

test('what another process does shows up', async ({ ui, lab }) => {
  await ui.createPool('shared')
  const pmpool = (...args: string[]): Promise<unknown> => run(helperProgram, ['--simulate', lab.directory, ...args])
  await pmpool('alloc', 'shared', '--order', '9', '--name', 'from-the-shell', '--owner', 'cli')
  await expect(ui.row(/from-the-shell/)).toContainText('512')
  await expect(ui.map).toHaveAccessibleName(/512 named; 1 allocation/)
  await pmpool('free', 'shared', 'from-the-shell', '--yes')
  await expect(ui.row(/from-the-shell/)).toHaveCount(0)
  await expect(ui.map).toHaveAccessibleName(/; 0 allocations/)
})

test('a pool that another process creates shows up', async ({ page, ui, lab }) => {
  await expect(ui.button('Create pool')).toBeVisible()
  await run(helperProgram, ['--simulate', lab.directory, 'pool', 'create', 'elsewhere'])
  await expect(page.getByRole('navigation', { name: 'Hosts' }).getByText('elsewhere')).toBeVisible()
})

test('before the regions were read the page says so, not that there are none', async ({ ui, page, lab }) => {
  await expect(ui.button('Create pool')).toBeEnabled()
  const helper = await lab.helperPid()
  process.kill(helper, 'SIGSTOP')
  try {
    await page.reload()
    await expect(page.getByText('Reading the regions …')).toBeVisible()
    await expect(page.getByText('gives no memory away')).toHaveCount(0)
    await page.keyboard.press('n')
    await expect(ui.dialog.getByText('Reading the regions …')).toBeVisible()
  } finally {
    process.kill(helper, 'SIGCONT')
  }
  await expect(ui.dialog.getByText('Nothing is there')).toBeVisible()
})

test('the page comes back to the host, pool and tab it was left at', async ({ ui, page }) => {
  await ui.createPool('remembered')
  await ui.tab('Timeline')
  await page.reload()
  await expect(page.getByRole('tab', { name: 'Timeline' })).toHaveAttribute('aria-selected', 'true')
  await page.goto(new URL('/', page.url()).href)
  await expect(page.getByRole('heading', { name: 'remembered' })).toBeVisible()
  await expect(page.getByRole('tab', { name: 'Timeline' })).toHaveAttribute('aria-selected', 'true')
})
