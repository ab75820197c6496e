// SPDX-License-Identifier: GPL-2.0-or-later
// Bytes of live memory: read, followed, typed over, searched and held against a snapshot.
import type { Locator, Page } from '@playwright/test'
import type { Allocation } from '../../main/api/index.ts'
import { look } from './support/axe.ts'
import { expect, test } from './support/fixtures.ts'
import type { Lab } from './support/lab.ts'
import type { LabPage } from './support/page.ts'

const text = 'the state of a device, kept over a kexec. '

/** An allocation of four pages, written by another process. */
async function prepare(ui: LabPage, lab: Lab, content = Buffer.alloc(4 * 4096, text)): Promise<Allocation> {
  await ui.createPool('lab')
  const helper = await lab.openHelper()
  try {
    const { pools } = await helper.ask('pool/list', {})
    const pool = pools[0]?.uuid ?? ''
    const made = await helper.ask('allocation/create', { pool, pages: 4, name: 'state', owner: 'vfio' })
    await helper.ask('allocation/write', { pool, page: made.page, offset: 0, data: content.toString('base64') })
    await expect(ui.row('state')).toBeVisible() // the page knows the name
    return made
  } finally {
    await helper.close()
  }
}

class Inspector {
  readonly page: Page
  readonly bytes: Locator
  readonly status: Locator
  readonly rows: Locator
  readonly banner: Locator

  constructor(page: Page) {
    this.page = page
    this.bytes = page.getByTestId('hex-area')
    this.status = page.locator('#inspector-status')
    this.rows = page.getByRole('table', { name: 'Rows in view' })
    this.banner = page.getByRole('region', { name: 'Editing' })
  }

  async open(): Promise<void> {
    await this.page.getByRole('tab', { name: 'Inspector' }).click()
    await expect(this.bytes).toBeVisible()
  }

  /** By the keyboard alone, also while g itself would be typed over a byte. */
  async goTo(place: string): Promise<void> {
    await this.page.keyboard.press('Control+g')
    await this.page.keyboard.type(place)
    await this.page.keyboard.press('Enter')
    await expect(this.bytes).toBeFocused()
  }

  /** Of "At the cursor", by its name. */
  value(name: string): Locator {
    const data = this.page.getByRole('region', { name: 'Data at the cursor' })
    return data.locator('dt', { hasText: new RegExp(`^${name}$`) }).locator('xpath=following-sibling::dd[1]')
  }
}

const address = (value: number): string => `0x${value.toString(16)}`

test('what another process wrote is read, told and followed, by keyboard alone', async ({ ui, page, lab }) => {
  const content = Buffer.alloc(4 * 4096, text)
  const inspector = new Inspector(page)
  const made = await prepare(ui, lab, content)
  const pointer = Buffer.alloc(8)
  pointer.writeBigUInt64LE(BigInt(made.address + 0x2010))
  await lab.damage(made.address + 0x100, pointer)

  await inspector.open()
  await inspector.goTo('state')
  await expect(inspector.status).toHaveText(new RegExp(`^${address(made.address)}: 74 \\(116\\), page .*, in state$`))
  await expect(inspector.rows.getByRole('row', { name: /74 68 65 20 73 74 61 74/ }).first()).toContainText('the stat')
  await expect(inspector.value('u16')).toContainText(String(0x6874))
  await page.keyboard.press('ArrowRight')
  await expect(inspector.value('u8')).toContainText(String(0x68))
  await page.keyboard.press('Shift+ArrowRight')
  await page.keyboard.press('Shift+ArrowRight')
  await expect(inspector.status).toContainText('3 B selected')

  await test.step('a pointer into the pool leads there, and back', async () => {
    await inspector.goTo('+0xfd')
    await expect(page.getByRole('region', { name: 'Place of the cursor' })).toContainText(
      `${address(made.address + 0x2010)} address state`
    )
    await page.keyboard.press('Enter')
    await expect(inspector.status).toContainText(`${address(made.address + 0x2010)}:`)
    await page.keyboard.press('Alt+ArrowLeft')
    await expect(inspector.status).toContainText(`${address(made.address + 0x100)}:`)
    await page.keyboard.press('Alt+ArrowRight')
    await expect(inspector.status).toContainText(`${address(made.address + 0x2010)}:`)
  })
  await test.step('Tab goes to the text and on; metadata and free pages are shown too', async () => {
    await page.keyboard.press('Tab')
    await expect(inspector.bytes).toHaveAccessibleName(/text column/)
    await page.keyboard.press('Tab')
    await expect(page.getByRole('scrollbar', { name: 'Place in the pool' })).toBeFocused()
    await inspector.bytes.focus()
    await page.keyboard.press('Control+Home')
    await expect(inspector.status).toContainText('metadata')
    await expect(inspector.rows).toContainText('PMPOOL')
    await inspector.goTo('page 1000')
    await expect(inspector.status).toContainText('free')
  })
  await test.step('the place is remembered', async () => {
    await page.reload()
    await expect(inspector.status).toContainText('page 1000 + 0x0')
  })
})

test('a byte that changes behind the page is marked while live', async ({ ui, page, lab }) => {
  const made = await prepare(ui, lab)
  const inspector = new Inspector(page)
  await inspector.open()
  await inspector.goTo('state')
  await expect(inspector.status).toContainText('74 (116)')
  await page.getByLabel('Read again every').selectOption('250 ms')
  await page.getByLabel('Live', { exact: true }).check()
  await lab.damage(made.address, Uint8Array.of(0x55))
  await expect(inspector.status).toContainText('55 (85), changed just now')
})

test('typing over bytes: undo, write, undo what was written, and a conflict', async ({ ui, page, lab }) => {
  const made = await prepare(ui, lab)
  const inspector = new Inspector(page)
  const { bytes, banner, status } = inspector
  const helper = await lab.openHelper()
  const pool = (await helper.ask('pool/list', {})).pools[0]?.uuid ?? ''
  const stands = async (length: number): Promise<string> => {
    const { data } = await helper.ask('memory/read', { pool, offset: made.page * 4096, length })
    return Buffer.from(data, 'base64').toString('latin1')
  }
  await inspector.open()
  await inspector.goTo('state')

  await test.step('nothing is typed while Edit is off', async () => {
    await page.keyboard.type('00')
    await expect(banner).toHaveCount(0)
  })
  await test.step('digits and text lie over memory, and are undone', async () => {
    await page.keyboard.press('e')
    await expect(banner).toContainText('Editing live memory')
    await bytes.focus()
    await page.keyboard.type('4142')
    await page.keyboard.press('Tab')
    await page.keyboard.type('CD')
    await expect(banner).toContainText('4 bytes changed')
    await page.keyboard.press('Control+z')
    await expect(banner).toContainText('3 bytes changed')
    await page.keyboard.press('Control+y')
    await expect(banner).toContainText('4 bytes changed')
    expect(await stands(4)).toBe('the ')
  })
  await test.step('Cancel comes first; what is confirmed is written', async () => {
    await page.keyboard.press('Control+s')
    await expect(ui.confirmation).toContainText('state')
    await expect(ui.confirmation).toContainText('+ 0x0 to 0x3')
    await expect(ui.confirmation).toContainText('old 74 68 65 20')
    await expect(ui.confirmation).toContainText('new 41 42 43 44')
    await expect(ui.confirmation.getByRole('button', { name: 'Cancel' })).toBeFocused()
    await page.keyboard.press('Enter')
    await expect(ui.confirmation).toHaveCount(0)
    expect(await stands(4)).toBe('the ')
    await page.keyboard.press('Control+s')
    await ui.confirmation.getByRole('button', { name: 'Write 4 bytes' }).click()
    await expect(ui.confirmation).toHaveCount(0)
    expect(await stands(5)).toBe('ABCDs')
  })
  await test.step('undo writes the old bytes back', async () => {
    await bytes.focus()
    await page.keyboard.press('Control+z')
    await ui.confirmation.getByRole('button', { name: 'Undo: write 4 bytes' }).click()
    await expect(ui.confirmation).toHaveCount(0)
    expect(await stands(4)).toBe('the ')
  })
  await test.step('what changed meanwhile is not overwritten unseen', async () => {
    await inspector.goTo('state')
    await page.keyboard.press('Shift+Tab')
    await page.keyboard.type('5a')
    await lab.damage(made.address, Uint8Array.of(0x55))
    await page.keyboard.press('Control+s')
    await ui.confirmation.getByRole('button', { name: 'Write 1 byte' }).click()
    await expect(banner).toContainText('was 74, is now 55, you typed 5a')
    expect(await stands(1)).toBe('U')
    await page.getByRole('button', { name: 'Keep my bytes over what is there now' }).click()
    await page.keyboard.press('Control+s')
    await ui.confirmation.getByRole('button', { name: 'Write 1 byte' }).click()
    await expect(ui.confirmation).toHaveCount(0)
    expect(await stands(1)).toBe('Z')
  })
  await test.step('a value is changed; free pages are not', async () => {
    await inspector.goTo('state')
    await page.getByRole('button', { name: /^Change u16/ }).click()
    await page.getByLabel('New value as u16').fill('0x4241')
    await page.keyboard.press('Enter')
    await expect(status).toContainText('41 (65), not written')
    await inspector.goTo('page 1000')
    await page.keyboard.type('7')
    await expect(banner).toContainText('only pages of an allocation can be changed')
  })
  await test.step('Edit is off again after another tab; what was typed is kept until it is discarded', async () => {
    await page.getByRole('tab', { name: 'Map' }).click()
    await inspector.open()
    await expect(banner).toContainText('Not written yet')
    await expect(ui.button('Edit')).toHaveAttribute('aria-pressed', 'false')
    await ui.button('Discard').click()
    await expect(banner).toHaveCount(0)
  })
  await helper.close()
})

test('bytes, text and numbers are found, stepped through and marked', async ({ ui, page, lab }) => {
  const made = await prepare(ui, lab)
  const inspector = new Inspector(page)
  await lab.damage(made.address + 0x1234, Uint8Array.of(0xde, 0xad, 0x01, 0xef))
  await inspector.open()
  await inspector.goTo('state')
  const search = page.getByRole('region', { name: 'Search' })
  const field = search.getByRole('textbox', { name: 'Find' })

  await page.keyboard.press('Control+f')
  await expect(field).toBeFocused()
  await page.keyboard.type('de ad ?? ef')
  await page.keyboard.press('Enter')
  await expect(search).toContainText('1 hit')
  await expect(inspector.status).toContainText(`${address(made.address + 0x1234)}: de`)

  await search.getByLabel('What to find').selectOption('Text')
  await search.getByLabel('ignore case').check()
  await search.getByLabel('Where to find it').selectOption('this allocation')
  await field.fill('STATE OF')
  await field.press('Enter')
  await expect(search).toContainText('390 hits')
  const list = page.getByRole('listbox', { name: '390 hits' })
  expect(await list.getByRole('option').count()).toBeLessThan(60)
  await inspector.bytes.focus()
  await page.keyboard.press('Control+Home')
  await page.keyboard.press('F3')
  await expect(inspector.status).toContainText(`${address(made.address + 4)}:`)
  await page.keyboard.press('Shift+F3')
  await expect(list.getByRole('option', { selected: true })).toHaveAttribute('aria-posinset', '390')

  await search.getByLabel('What to find').selectOption('Integer')
  await search.getByLabel('Where to find it').selectOption('whole pool')
  await field.fill(String(0xef01adde))
  await field.press('Enter')
  await expect(inspector.status).toContainText(`${address(made.address + 0x1234)}: de`)
  await field.fill('x')
  await expect(search).toContainText('no whole number of 32 bits')
  await expect(ui.button('Find all')).toBeDisabled()
})

test('a search is cancelled', async ({ ui, page, lab }) => {
  await prepare(ui, lab)
  const inspector = new Inspector(page)
  await inspector.open()
  await inspector.goTo('state')
  const search = page.getByRole('region', { name: 'Search' })
  await page.keyboard.press('f')
  await page.keyboard.type('01 02 03 04')
  const helper = await lab.helperPid()
  process.kill(helper, 'SIGSTOP') // so that it cannot be done before Cancel is there
  try {
    await page.keyboard.press('Enter')
    await search.getByRole('button', { name: /^Cancel Search/ }).click()
  } finally {
    process.kill(helper, 'SIGCONT')
  }
  await expect(ui.button('Find all')).toBeEnabled()
  await expect(search.getByRole('alert')).toHaveCount(0)
})

test('a flipped bit is found against a snapshot', async ({ ui, page, lab }) => {
  const made = await prepare(ui, lab)
  const inspector = new Inspector(page)
  await ui.takeSnapshot('before')
  const flipped = text.charCodeAt(0x3456 % text.length) ^ 0x10
  await lab.damage(made.address + 0x3456, Uint8Array.of(flipped))
  await inspector.open()
  await page.getByLabel('Compare with').selectOption('before')
  await inspector.goTo('state')
  await expect(page.getByText('nothing differs in view')).toBeVisible()
  await page.keyboard.press('F7')
  const hex = (byte: number): string => byte.toString(16).padStart(2, '0')
  await expect(inspector.status).toContainText(
    `${address(made.address + 0x3456)}: ${hex(flipped)} (${flipped}), there ${hex(flipped ^ 0x10)}`
  )
  await expect(page.getByText('1 byte in view differs, in 1 place')).toBeVisible()
  const bar = page.getByRole('scrollbar', { name: 'Place in the pool' })
  await expect(bar).toHaveAccessibleDescription(/1 place that differs/)
  await page.keyboard.press('F7')
  await expect(page.getByText(/No next difference/)).toBeVisible()
  await inspector.goTo('page 1000')
  await expect(inspector.status).toContainText('there not held')
  await page.keyboard.press('Shift+F7')
  await expect(inspector.status).toContainText(`${address(made.address + 0x3456)}:`)
})

test('the menu of the bytes, by mouse and by key', async ({ ui, page, lab }) => {
  const made = await prepare(ui, lab)
  const inspector = new Inspector(page)
  await inspector.open()
  await inspector.goTo('state')
  const menu = page.getByRole('menu').first()
  const item = (name: string): Locator => menu.getByRole('menuitem', { name })

  await test.step('Shift+F10 opens it at the cursor; what cannot be done says why', async () => {
    await page.keyboard.press('Shift+F10')
    await expect(menu).toContainText(`1 B at ${address(made.address)}`)
    await expect(item('Fill the selection with zeros')).toHaveAttribute('title', 'Edit is off.')
    await expect(item('Allocate these pages')).toHaveAttribute('title', 'The page at the cursor is not free.')
    await item('Select the page').click()
    await expect(inspector.status).toContainText('4 KiB selected')
    await expect(inspector.bytes).toBeFocused()
  })
  await test.step('a click of the right button inside the selection keeps it, beside it chooses the byte', async () => {
    await inspector.bytes.click({ button: 'right', position: { x: 200, y: 60 } })
    await expect(menu).toContainText('4 KiB at')
    await page.keyboard.press('Escape')
    await expect(menu).toHaveCount(0)
    await page.keyboard.press('Escape')
    await inspector.bytes.click({ button: 'right', position: { x: 200, y: 60 } })
    await expect(menu).toContainText('1 B at')
    await item('Select the allocation').click()
    await expect(inspector.status).toContainText('16 KiB selected')
  })
  await test.step('these bytes are found elsewhere', async () => {
    await inspector.goTo('state')
    for (let i = 0; i < 8; i++) await page.keyboard.press('Shift+ArrowRight')
    await page.keyboard.press('ContextMenu')
    await item('Find these bytes').click()
    const search = page.getByRole('region', { name: 'Search' })
    await expect(search.getByRole('textbox', { name: 'Find' })).toHaveValue('74 68 65 20 73 74 61 74 65')
    await expect(search).toContainText('390 hits')
    const bar = page.getByRole('scrollbar', { name: 'Place in the pool' })
    await expect(bar).toHaveAccessibleDescription(/the cursor ?390 hits/)
    await bar.hover()
    await expect(page.getByRole('tooltip').filter({ hasText: '390 hits' })).toContainText(/page/)
  })
  await test.step('] goes to the next allocation and [ to the one before', async () => {
    await inspector.bytes.focus()
    await page.keyboard.press('Control+Home')
    await page.keyboard.press(']')
    await expect(inspector.status).toContainText(`${address(made.address)}:`)
    await page.keyboard.press(']')
    await expect(page.getByText('There is no next allocation.')).toBeVisible()
    await page.keyboard.press('Control+End')
    await page.keyboard.press('[')
    await expect(inspector.status).toContainText(`${address(made.address)}:`)
  })
})

test('a selection is filled, bytes are pasted, times and identifiers are typed', async ({ ui, page, lab, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  await prepare(ui, lab)
  const inspector = new Inspector(page)
  const { banner, status } = inspector
  await inspector.open()
  await inspector.goTo('state')
  await page.keyboard.press('e')
  await inspector.bytes.focus()
  const type = async (kind: string, value: string): Promise<void> => {
    await page.getByRole('button', { name: new RegExp(`^Change ${kind} `) }).click()
    await page.getByLabel(`New value as ${kind}`).fill(value)
    await page.keyboard.press('Enter')
  }
  await type('unix ms', '2026-11-23 02:43:09.500Z')
  await expect(inspector.value('unix ms')).toContainText('2026-11-23 02:43:09.500Z')
  await type('f16', '1.5')
  await expect(inspector.value('f16')).toContainText('1.5')
  await type('UUID', '00112233-4455-6677-8899-aabbccddeeff')
  await expect(inspector.value('GUID')).toContainText('33221100-5544-7766-8899-aabbccddeeff')
  await expect(banner).toContainText('16 bytes changed')

  await page.evaluate(() => navigator.clipboard.writeText('0xde, 0xad'))
  await inspector.goTo('+0x100')
  await page.keyboard.press('Control+v')
  await expect(banner).toContainText('18 bytes changed')
  await page.evaluate(() => navigator.clipboard.writeText('no digits'))
  await page.keyboard.press('Control+v')
  await expect(banner).toContainText('That is no hexadecimal')

  await inspector.goTo('+0x1000')
  for (let i = 0; i < 4; i++) await page.keyboard.press('Shift+ArrowRight')
  await banner.getByLabel('Fill the selection with').fill('ab cd')
  await page.keyboard.press('Enter')
  await expect(banner).toContainText('23 bytes changed')
  await expect(status).toContainText('ab (171)')

  await test.step('what is undone comes into view', async () => {
    await inspector.bytes.focus()
    await page.keyboard.press('Control+Home')
    await page.keyboard.press('Control+z')
    await expect(banner).toContainText('18 bytes changed')
    await expect(status).toContainText('in state')
  })
})

test('copying: hexdump, C and a command', async ({ ui, page, lab, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  await prepare(ui, lab)
  const inspector = new Inspector(page)
  await inspector.open()
  await inspector.goTo('state')
  for (let i = 0; i < 8; i++) await page.keyboard.press('Shift+ArrowRight')
  const clipboard = (): Promise<string> => page.evaluate(() => navigator.clipboard.readText())
  const copyAs = async (form: string): Promise<string> => {
    await ui.button('Copy as').click()
    await page.getByRole('menuitem', { name: form, exact: true }).click()
    await expect(page.getByText(`${form} of 9 bytes copied.`)).toBeVisible()
    return clipboard()
  }
  expect(await copyAs('hexdump -C')).toContain('74 68 65 20 73 74 61 74  65')
  expect(await copyAs('C array')).toContain('0x74, 0x68, 0x65')
  expect(await copyAs('Text')).toBe('the state')
  expect(await copyAs('pmpool command')).toMatch(/^pmpool --simulate \S+ memory read \S+ 0x[0-9a-f]+ 9$/)
})

test.describe('1 TiB', () => {
  test.use({ regionSize: '1T' })
  test('a pool of 2^36 rows is scrolled to its end', async ({ ui, page }) => {
    await ui.createPool('large')
    const inspector = new Inspector(page)
    await inspector.open()
    await inspector.bytes.focus()
    const last = address(0x1_0000_0000 + 2 ** 40 - 1)
    await page.keyboard.press('Control+End')
    await expect(inspector.status).toContainText(`${last}:`)
    await expect(inspector.rows.getByRole('row').last()).toContainText((0x1_0000_0000 + 2 ** 40 - 16).toString(16))
    await page.keyboard.press('ArrowLeft')
    await expect(inspector.status).toContainText(`${address(0x1_0000_0000 + 2 ** 40 - 2)}:`)
    const bar = page.getByRole('scrollbar', { name: 'Place in the pool' })
    await bar.focus()
    await page.keyboard.press('Home')
    await expect(bar).toHaveAttribute('aria-valuenow', '0')
    await page.keyboard.press('End')
    await expect(bar).not.toHaveAttribute('aria-valuenow', '0')
    await expect(inspector.rows.getByRole('row').last()).toContainText((0x1_0000_0000 + 2 ** 40 - 16).toString(16))
  })
})

test('axe finds nothing serious', async ({ ui, page, lab }) => {
  await prepare(ui, lab)
  await ui.takeSnapshot('before')
  const inspector = new Inspector(page)
  await inspector.open()
  await inspector.goTo('state')
  await look(page, 'memory')
  await page.getByLabel('Compare with').selectOption('before')
  await page.keyboard.press('Control+f')
  await page.keyboard.type('74 68')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('region', { name: 'Found' })).toBeVisible()
  await ui.button('Edit').click()
  await inspector.bytes.focus()
  await page.keyboard.type('ff')
  await look(page, 'hits, differences and an edit')
  await page.keyboard.press('Control+s')
  await expect(ui.confirmation).toBeVisible()
  await look(page, 'question')
})
