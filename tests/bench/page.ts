// SPDX-License-Identifier: GPL-2.0-or-later
// `npm run bench`: how long the page takes from an act to what a user sees of it, on a 1 GiB simulated region, in
// Chromium without a GPU. Each figure stands beside what the same page needs for an act that asks nobody (opening and
// closing the shortcuts), so that a slow machine shows as such. Prints medians; asserts nothing.
import { arch, cpus, release } from 'node:os'
import { chromium, type Page } from 'playwright-core'
import { chromiumLaunch } from '../chromium.ts'
import { Lab } from '../e2e/support/lab.ts'
import { LabPage } from '../e2e/support/page.ts'

const rounds = 30

interface Figure {
  readonly what: string
  readonly milliseconds: readonly number[]
}

const quantile = (values: readonly number[], q: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * q))] ?? Number.NaN

interface Sight {
  readonly selector: string
  /** part of its accessible name */
  readonly label: string
}

/** From the click until the frame after the sight is in the page. */
function fromClick(page: Page, button: string, sight: Sight): Promise<number> {
  return page.evaluate(
    async ({ button, selector, label }) => {
      const isThere = (): boolean => {
        const element = document.querySelector(selector)
        return element !== null && (element.getAttribute('aria-label') ?? '').includes(label)
      }
      const start = performance.now()
      document.querySelector<HTMLElement>(button)?.click()
      do await new Promise(requestAnimationFrame)
      while (!isThere())
      await new Promise(requestAnimationFrame) // it is on screen when the next frame begins
      return performance.now() - start
    },
    { button, ...sight }
  )
}

const mapWith = (allocations: number): Sight => ({
  selector: '[data-testid="page-map"]',
  label: `; ${allocations} allocation`
})

async function allocate(ui: LabPage): Promise<Figure> {
  const milliseconds: number[] = []
  for (let round = 1; round <= rounds; round++) {
    await ui.fillAllocation({ order: 0, name: `bench-${round}`, owner: 'bench' })
    milliseconds.push(await fromClick(ui.page, '[role=dialog] button.primary[type=submit]', mapWith(round)))
    await ui.dialog.waitFor({ state: 'detached' })
  }
  return { what: 'allocate, until the map shows it', milliseconds }
}

async function free(ui: LabPage): Promise<Figure> {
  const milliseconds: number[] = []
  for (let round = rounds; round >= 1; round--) {
    await ui.row(`bench-${round}`).first().click()
    await ui.page.keyboard.press('Delete')
    await ui.confirmation.waitFor()
    milliseconds.push(await fromClick(ui.page, '[role=alertdialog] button.danger', mapWith(round - 1)))
    await ui.confirmation.waitFor({ state: 'detached' })
  }
  return { what: 'free, until the map shows it', milliseconds }
}

async function shortcuts(ui: LabPage): Promise<Figure> {
  const milliseconds: number[] = []
  for (let round = 0; round < rounds; round++) {
    milliseconds.push(await fromClick(ui.page, 'header button:last-of-type', { selector: '[role=dialog]', label: '' }))
    await ui.page.keyboard.press('Escape')
    await ui.dialog.waitFor({ state: 'detached' })
  }
  return { what: 'peer: open the shortcuts', milliseconds }
}

async function interactive(page: Page, lab: Lab): Promise<Figure> {
  const url = await lab.url()
  const start = performance.now()
  await page.goto(url)
  await page.getByRole('heading', { name: 'No pool yet' }).waitFor()
  return { what: 'open the URL, until the host stands there', milliseconds: [performance.now() - start] }
}

const browser = await chromium.launch(chromiumLaunch)
const start = performance.now()
const lab = await Lab.start('1G')
try {
  await lab.url()
  const started = { what: 'start the server, until its URL is printed', milliseconds: [performance.now() - start] }
  const page = await browser.newPage({ viewport: { width: 1600, height: 900 } })
  const opened = await interactive(page, lab)
  const ui = new LabPage(page)
  await ui.createPool('bench')
  const peer = await shortcuts(ui)
  const figures = [started, opened, peer, await allocate(ui), await free(ui)]
  console.log(`${cpus()[0]?.model ?? arch()}, ${cpus().length} cores, Linux ${release()}, Node ${process.version}`)
  console.log(`Chromium ${browser.version()}, 1600x900, no GPU; 1 GiB simulated region\n`)
  for (const { what, milliseconds } of figures) {
    const median = quantile(milliseconds, 0.5)
    const ratio = (median / quantile(peer.milliseconds, 0.5)).toFixed(2)
    const spread = `median ${median.toFixed(0)} ms, p95 ${quantile(milliseconds, 0.95).toFixed(0)} ms`
    console.log(`${what.padEnd(44)} ${spread}, ${ratio} of the peer, n=${milliseconds.length}`)
  }
} finally {
  await lab.end()
  await browser.close()
}
