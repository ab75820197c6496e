// SPDX-License-Identifier: GPL-2.0-or-later
// Acts of the user, from the click that decides until the page says that it is done.
import type { Page } from 'playwright-core'
import type { LabPage } from '../../e2e/support/page.ts'
import type { Figure } from './figures.ts'

/** From the click until the frame after the dialog is gone. */
function fromClick(page: Page, button: string, dialog: string): Promise<number> {
  return page.evaluate(
    async ({ button, dialog }) => {
      const start = performance.now()
      document.querySelector<HTMLElement>(button)?.click()
      do await new Promise(requestAnimationFrame)
      while (document.querySelector(dialog) && performance.now() - start < 10_000)
      await new Promise(requestAnimationFrame) // it is on screen when the next frame begins
      return performance.now() - start
    },
    { button, dialog }
  )
}

/** The list of shortcuts: a dialog that asks nobody. */
async function shortcuts(page: Page, rounds: number): Promise<Figure> {
  const values: number[] = []
  for (let round = 0; round < rounds; round++) {
    values.push(
      await page.evaluate(async () => {
        const start = performance.now()
        document.body.dispatchEvent(new KeyboardEvent('keydown', { key: '?', bubbles: true }))
        do await new Promise(requestAnimationFrame)
        while (!document.querySelector('[role=dialog]') && performance.now() - start < 10_000)
        await new Promise(requestAnimationFrame)
        return performance.now() - start
      })
    )
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
  }
  return { what: 'peer: open a dialog that asks nobody', values }
}

export async function actFigures(ui: LabPage, rounds: number): Promise<Figure[]> {
  const peer = await shortcuts(ui.page, rounds)
  const allocate: number[] = []
  const free: number[] = []
  for (let round = 1; round <= rounds; round++) {
    await ui.fillAllocation({ order: 0, name: `act-${round}`, owner: 'bench' })
    allocate.push(await fromClick(ui.page, '[role=dialog] button.primary[type=submit]', '[role=dialog]'))
    await ui.dialog.waitFor({ state: 'detached' })
    await ui.detail.getByText(`act-${round}`).first().waitFor() // it is selected by then
    await ui.page.getByRole('grid').focus()
    await ui.page.keyboard.press('Delete')
    await ui.confirmation.waitFor()
    free.push(await fromClick(ui.page, '[role=alertdialog] button.danger', '[role=alertdialog]'))
    await ui.confirmation.waitFor({ state: 'detached' })
  }
  const target = { of: 'median', below: 50 } as const
  return [
    peer,
    { what: 'allocate, from the click until it is acknowledged', values: allocate, target, peer },
    { what: 'free, from the click until it is acknowledged', values: free, target, peer }
  ]
}
