// SPDX-License-Identifier: GPL-2.0-or-later
// What a user does in the page, by what the user sees.
import type { Locator, Page } from '@playwright/test'
import { expect } from './expect.ts'

export interface Wanted {
  readonly order?: number
  readonly pages?: number
  readonly name?: string
  readonly owner?: string
  readonly purpose?: string
}

export class LabPage {
  readonly page: Page
  readonly #what: 'kexec' | 'simulated kexec'
  readonly map: Locator
  readonly dialog: Locator
  readonly confirmation: Locator
  readonly detail: Locator

  constructor(page: Page, what: 'kexec' | 'simulated kexec' = 'simulated kexec') {
    this.page = page
    this.#what = what
    this.map = page.getByTestId('page-map')
    this.dialog = page.getByRole('dialog')
    this.confirmation = page.getByRole('alertdialog')
    this.detail = page.getByRole('complementary', { name: 'Selected allocation' })
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole('button', typeof name === 'string' ? { name, exact: true } : { name })
  }

  async createPool(name: string, part?: { offset: string; size: string }): Promise<void> {
    await this.button('Create pool').click()
    await this.dialog.getByLabel('Name', { exact: true }).fill(name)
    if (part) {
      await this.dialog.getByLabel('A part').check()
      await this.dialog.getByLabel('Offset').fill(part.offset)
      await this.dialog.getByLabel('Size').fill(part.size)
    }
    await expect(this.dialog.getByText('Nothing is there')).toBeVisible()
    await this.dialog.getByRole('button', { name: 'Create pool' }).click()
    await expect(this.page.getByRole('heading', { name, exact: true })).toBeVisible()
    await expect(this.map).toBeVisible()
  }

  async fillAllocation({ order, pages, name = '', owner = '', purpose = '' }: Wanted): Promise<void> {
    await this.button('Allocate').first().click()
    if (pages === undefined) await this.dialog.getByLabel('Order', { exact: true }).fill(String(order ?? 0))
    else {
      await this.dialog.getByLabel('By page count').check()
      await this.dialog.getByLabel('Pages', { exact: true }).fill(String(pages))
    }
    await this.dialog.getByLabel('Name', { exact: true }).fill(name)
    if (!name) return
    await this.dialog.getByLabel('Owner').fill(owner)
    await this.dialog.getByLabel('Purpose').fill(purpose)
  }

  async allocate(wanted: Wanted): Promise<void> {
    await this.fillAllocation(wanted)
    await this.dialog.getByRole('button', { name: 'Allocate', exact: true }).click()
    await expect(this.dialog).toHaveCount(0)
    await expect(this.detail.getByRole('heading')).toHaveText(wanted.name ?? 'Unnamed allocation')
  }

  row(text: string | RegExp): Locator {
    return this.page.getByRole('grid').getByRole('row').filter({ hasText: text })
  }

  async writeFile(name: string, content: Buffer): Promise<void> {
    await this.detail
      .getByLabel('File to write')
      .setInputFiles({ name, mimeType: 'application/octet-stream', buffer: content })
  }

  /** A snapshot of the pool in view, from its tab on. */
  async takeSnapshot(name: string, parent?: string): Promise<void> {
    await this.button('Snapshot').click()
    await this.dialog.getByLabel('Name').fill(name)
    if (parent) await this.dialog.getByLabel('Builds on').selectOption(parent)
    await this.dialog.getByRole('button', { name: 'Take snapshot' }).click()
    await expect(this.page.getByRole('button', { name: `Verify ${name}` })).toBeVisible()
  }

  async tab(name: 'Map' | 'Inspector' | 'Snapshots' | 'Kexec' | 'Audit' | 'Timeline' | 'Memory tests'): Promise<void> {
    await this.page.getByRole('tab', { name }).click()
  }

  async plan(options: { dropReservation?: boolean } = {}): Promise<void> {
    await this.tab('Kexec')
    if (options.dropReservation) {
      await this.page.getByText('Advanced', { exact: true }).click()
      await this.page.getByLabel('Drop the reservation on purpose').check()
    }
    await this.button('Make the plan').click()
    await expect(this.page.getByRole('heading', { name: `Plan of a ${this.#what}` })).toBeVisible()
  }

  async startRun(): Promise<void> {
    await this.button(`Start the ${this.#what} …`).click()
    await this.confirmation.getByRole('button', { name: `Start the ${this.#what}` }).click()
    await expect(this.confirmation).toHaveCount(0)
  }

  get verdict(): Locator {
    return this.page.getByRole('region', { name: 'Verdict' })
  }
}
