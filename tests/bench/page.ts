// SPDX-License-Identifier: GPL-2.0-or-later
// `npm run bench -- --part page`: the page over a 1 TiB simulated region in use, in Chromium at 1600x900 without a GPU.
// Each figure stands beside a peer of the same run: an empty page with nothing but a requestAnimationFrame loop, a bare
// helper on pipes, a bare server of Node's, the page's own shortcuts, which ask nobody. Prints
// medians and p95; asserts nothing.
import { arch, cpus, loadavg, release } from 'node:os'
import { parseArgs } from 'node:util'
import { chromium, type Browser, type Page } from 'playwright-core'
import { chromiumLaunch } from '../chromium.ts'
import { Lab } from '../e2e/support/lab.ts'
import type { Helper } from '../e2e/support/helper.ts'
import { LabPage } from '../e2e/support/page.ts'
import { actFigures } from './page/acts.ts'
import { fill } from './page/fill.ts'
import { printFigure, type Figure } from './page/figures.ts'
import { idleFrames, type Frames } from './page/frames.ts'
import { inspectorFrames } from './page/inspector.ts'
import { look, mapFrames, mapOf, settled, teachLook, whenChanged } from './page/map.ts'
import { heap, rendererResident } from './page/memory.ts'
import { echoRoundTrips, helperRoundTrips, pageRoundTrips } from './page/round-trip.ts'
import { startFigures } from './page/start.ts'
import { tableFrames } from './page/table.ts'

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    size: { type: 'string', default: '1T' },
    allocations: { type: 'string', default: '100000' },
    seconds: { type: 'string', default: '6' },
    rounds: { type: 'string', default: '20' }
  }
})
const rounds = Number(options.rounds)
const milliseconds = Number(options.seconds) * 1000
const viewport = { width: 1600, height: 900 }

const now = (): number => performance.timeOrigin + performance.now()

interface Stage {
  readonly browser: Browser
  readonly lab: Lab
  readonly helper: Helper
  readonly page: Page
  readonly pool: string
  readonly base: number
}

async function opens({ page, lab }: Stage): Promise<Figure[]> {
  const values: number[] = []
  for (let round = 0; round < Math.min(5, rounds); round++) {
    await page.goto('about:blank')
    await page.goto(await lab.newUrl())
    const button = page.locator('.pool-button').first()
    await button.waitFor()
    await page.waitForTimeout(300)
    const before = await look(page)
    const drawn = whenChanged(page, before)
    const start = now()
    await button.click()
    values.push((await drawn) - start)
    await settled(page)
  }
  return [{ what: 'open the pool, until its map is drawn', values, target: { of: 'median', below: 2000 } }]
}

const framesOf = (what: string, { apart, busy, cpu }: Frames, idle?: Frames): Figure[] => [
  {
    what,
    values: apart,
    ...(idle && { target: { of: 'p95', below: 20 }, peer: { what: 'idle', values: idle.apart } })
  },
  {
    what: '  main thread busy with each frame',
    values: busy,
    note: `processor time ${cpu.all.toFixed(2)} ms a frame, ${cpu.scripts.toFixed(2)} of it in scripts`,
    ...(idle && { peer: { what: 'idle', values: idle.busy } })
  }
]

async function frames({ browser, page }: Stage): Promise<Figure[]> {
  const empty = await browser.newPage({ viewport })
  const idle = await idleFrames(empty, milliseconds)
  await empty.close()
  const { zoom, pan, keys } = await mapFrames(page, milliseconds)
  return [
    ...framesOf('peer: frames of an empty page', idle),
    ...framesOf('map: frames while panned by wheel', pan ?? idle, idle),
    ...framesOf('map: frames while paged by keys', keys ?? idle, idle),
    ...framesOf('map: frames while zoomed by wheel', zoom ?? idle, idle)
  ]
}

async function others({ page, helper, pool, base }: Stage): Promise<Figure[]> {
  const values: number[] = []
  await mapOf(page).focus()
  await page.keyboard.press('0')
  for (let round = 0; round < rounds; round++) {
    const before = await settled(page)
    const shown = whenChanged(page, before)
    const start = now()
    // so large that it is a cell of its own when all of the pool is in view
    await helper.ask('allocation/create', { pool, order: 14, addressFrom: base + (round * 9 + 5) * 2 ** 30 })
    values.push((await shown) - start)
  }
  return [{ what: "another process's allocation, until the map shows it", values, target: { of: 'p95', below: 250 } }]
}

async function roundTrips({ browser, page, helper, pool }: Stage): Promise<Figure[]> {
  const peer = { what: 'peer: a bare helper on pipes', values: await helperRoundTrips(helper, pool, 500) }
  const echo = { what: 'peer: a page and a bare WebSocket that echoes', values: await echoRoundTrips(browser, 500) }
  const values = await pageRoundTrips(page, 'simulated', pool, 500)
  return [
    peer,
    echo,
    { what: 'round trip: page, lab, helper and back', values, target: { of: 'median', below: 1 }, peer: echo }
  ]
}

async function memory({ page, browser }: Stage): Promise<Figure[]> {
  return [
    { what: "the page's heap after a collection", unit: 'MiB', values: [await heap(page)] },
    {
      what: "its renderer's resident memory",
      unit: 'MiB',
      values: [await rendererResident(browser)],
      target: { of: 'median', below: 400 }
    }
  ]
}

async function table({ page, browser }: Stage): Promise<Figure[]> {
  const empty = await browser.newPage({ viewport })
  const idle = await idleFrames(empty, milliseconds / 2)
  await empty.close()
  return framesOf(
    `table of ${options.allocations} allocations: frames while scrolled`,
    await tableFrames(page, milliseconds),
    idle
  )
}

async function inspector({ page, browser, helper, pool }: Stage): Promise<Figure[]> {
  const empty = await browser.newPage({ viewport })
  const idle = await idleFrames(empty, milliseconds / 2)
  await empty.close()
  const { wheel, keys, drag } = await inspectorFrames(page, helper, pool, milliseconds)
  return [
    ...framesOf('inspector: frames while scrolled by wheel', wheel, idle),
    ...framesOf('inspector: frames while paged by keys', keys, idle),
    ...framesOf('inspector: frames while its scrollbar is dragged', drag, idle)
  ]
}

const works: Record<string, (stage: Stage) => Promise<Figure[]>> = {
  open: opens,
  frames,
  others,
  acts: ({ page }) => actFigures(new LabPage(page), rounds),
  table,
  inspector,
  'round trip': roundTrips,
  memory
}

const wanted = (work: string): boolean => work.includes(options.only)

async function print(work: string, measure: () => Promise<Figure[]>): Promise<void> {
  if (!wanted(work)) return
  try {
    for (const figure of await measure()) printFigure(figure)
  } catch (error) {
    console.log(`${work}: not measured: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`)
  }
}

if (!['start', ...Object.keys(works)].some(wanted)) process.exit(0)
const browser = await chromium.launch(chromiumLaunch)
console.log(`${cpus()[0]?.model ?? arch()}, ${cpus().length} cores, Linux ${release()}, Node ${process.version}`)
console.log(`Chromium ${browser.version()}, 1600x900, no GPU; a simulated region of ${options.size}`)
try {
  await print('start', () => startFigures(browser, options.size, Math.min(5, rounds)))
  const lab = await Lab.start(options.size)
  try {
    const page = await browser.newPage({ viewport })
    await teachLook(page)
    await page.goto(await lab.url())
    await page.getByRole('button', { name: 'Create pool' }).first().waitFor()
    const helper = await lab.openHelper()
    const [region] = (await helper.ask('region/list', {})).regions
    const start = performance.now()
    const { uuid: pool, base } = await helper.ask('pool/create', { region: region?.id ?? '', name: 'bench' })
    await fill(helper, pool, base, region?.size ?? 0, Number(options.allocations))
    const filled = ((performance.now() - start) / 1000).toFixed(1)
    console.log(`${options.allocations} allocations made in ${filled} s; load ${loadavg()[0]?.toFixed(1)}\n`)
    await page.locator('.pool-button').first().click()
    await mapOf(page).waitFor()
    await settled(page)
    for (const [work, measure] of Object.entries(works))
      await print(work, () => measure({ browser, lab, helper, page, pool, base }))
    console.log(`\nload ${loadavg()[0]?.toFixed(1)} at the end`)
    await helper.close()
  } finally {
    await lab.end()
  }
} finally {
  await browser.close()
}
