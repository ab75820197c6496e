// SPDX-License-Identifier: GPL-2.0-or-later
// What the page keeps: its heap after a collection, and the memory of its renderer process.
import { readFile } from 'node:fs/promises'
import type { Browser, Page } from 'playwright-core'

const mebibyte = 2 ** 20

export async function heap(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page)
  await session.send('HeapProfiler.collectGarbage')
  await session.send('Performance.enable')
  const { metrics } = await session.send('Performance.getMetrics')
  await session.detach()
  return (metrics.find(({ name }) => name === 'JSHeapUsedSize')?.value ?? Number.NaN) / mebibyte
}

/** Resident memory of the largest renderer: the page's, when no other page has more. */
export async function rendererResident(browser: Browser): Promise<number> {
  const session = await browser.newBrowserCDPSession()
  const { processInfo } = await session.send('SystemInfo.getProcessInfo')
  await session.detach()
  const sizes = await Promise.all(
    processInfo
      .filter(({ type }) => type === 'renderer')
      .map(async ({ id }) => {
        const status = await readFile(`/proc/${id}/status`, 'utf8').catch(() => '')
        return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1024
      })
  )
  return Math.max(...sizes)
}
