// SPDX-License-Identifier: GPL-2.0-or-later
// From the start of the server until the page has a host on which a pool can be made; and its peer: a server of Node's
// alone with a page of one button. Where the clock is everybody's, processor time tells what a start itself takes.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import type { Browser, Page } from 'playwright-core'
import { Lab } from '../../e2e/support/lab.ts'
import { quantile, type Figure } from './figures.ts'

interface Start {
  /** ms on the clock */
  readonly whole: number
  readonly listening: number
  /** ms of processor time */
  readonly page: number
  readonly server: number
  readonly helper: number
}

const msATick = 10 // USER_HZ is 100 everywhere that Linux and Chromium both run
const viewport = { width: 1600, height: 900 }

const bareServer = `
const page = '<!doctype html><title>bare</title><button>Create pool</button>'
const server = require('node:http').createServer((_request, response) => {
  response.setHeader('content-type', 'text/html').end(page)
})
server.listen(0, '127.0.0.1', () => console.log(server.address().port))
`

/** The fields of /proc/PID/stat behind the name, which may hold anything. */
const statOf = async (pid: number): Promise<string[]> =>
  (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ').at(-1)?.split(' ') ?? []

async function processorTime(pid: number): Promise<number> {
  const stat = await statOf(pid)
  return (Number(stat[11]) + Number(stat[12])) * msATick
}

const parentOf = async (pid: number): Promise<number> => Number((await statOf(pid))[1])

/** Opens the address in a renderer of its own; answers what that took of the processor, in ms. */
async function open(
  browser: Browser,
  opened: () => Promise<string>
): Promise<{ page: Page; cpu: () => Promise<number> }> {
  const context = await browser.newContext({ viewport })
  const page = await context.newPage()
  const session = await context.newCDPSession(page)
  await session.send('Performance.enable')
  await page.goto(await opened())
  await page.getByRole('button', { name: 'Create pool' }).first().waitFor()
  const cpu = async (): Promise<number> => {
    const { metrics } = await session.send('Performance.getMetrics')
    return (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN) * 1000
  }
  return { page, cpu }
}

async function startLab(browser: Browser, size: string): Promise<Start> {
  const start = performance.now()
  const lab = await Lab.start(size)
  try {
    let listening = 0
    const { page, cpu } = await open(browser, async () => {
      const url = await lab.url()
      listening = performance.now() - start
      return url
    })
    const whole = performance.now() - start
    const helper = await lab.helperPid()
    const server = await parentOf(helper)
    const times = { server: await processorTime(server), helper: await processorTime(helper) }
    const figures = { whole, listening, page: await cpu(), ...times }
    await page.context().close()
    return figures
  } finally {
    await lab.end()
  }
}

async function startBare(browser: Browser): Promise<Start> {
  const start = performance.now()
  const server = spawn(process.execPath, ['-e', bareServer], { stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    let listening = 0
    const { page, cpu } = await open(browser, async () => {
      const [port] = (await once(server.stdout, 'data')) as [Buffer]
      listening = performance.now() - start
      return `http://127.0.0.1:${String(port).trim()}/`
    })
    const whole = performance.now() - start
    const figures = { whole, listening, page: await cpu(), server: await processorTime(server.pid ?? 0), helper: 0 }
    await page.context().close()
    return figures
  } finally {
    const ended = once(server, 'exit')
    server.kill()
    await ended
  }
}

const partsOf = (starts: readonly Start[]): string => {
  const median = (of: (start: Start) => number): string => quantile(starts.map(of), 0.5).toFixed(0)
  const clock = `listening after ${median(({ listening }) => listening)} ms`
  const cpu = `server ${median(({ server }) => server)} ms, helper ${median(({ helper }) => helper)} ms`
  return `${clock}; processor time: ${cpu}; page's main thread busy ${median(({ page }) => page)} ms`
}

export async function startFigures(browser: Browser, size: string, rounds: number): Promise<Figure[]> {
  const bare: Start[] = []
  const lab: Start[] = []
  for (let round = 0; round < rounds; round++) {
    bare.push(await startBare(browser))
    lab.push(await startLab(browser, size))
  }
  const wholes = (starts: readonly Start[]): number[] => starts.map(({ whole }) => whole)
  const peer = { what: "peer: start a bare server of Node's, until a page of one button", values: wholes(bare) }
  return [
    { ...peer, note: partsOf(bare) },
    {
      what: 'start the lab, until the page is interactive',
      values: wholes(lab),
      target: { of: 'median', below: 1500 },
      peer,
      note: partsOf(lab)
    }
  ]
}
