// SPDX-License-Identifier: GPL-2.0-or-later
// The page map: until it is drawn, and its frames while a hand is on it.
import type { Locator, Page } from 'playwright-core'
import { Hand, middleOf } from './drive.ts'
import { framesWhile, type Frames } from './frames.ts'

export const mapOf = (page: Page): Locator => page.getByTestId('page-map')

/** What the map looks like, as a number: its canvases drawn small. 0: nothing is drawn. */
function lookInPage(): number {
  const small = document.createElement('canvas')
  small.width = 320
  small.height = 180
  const context = small.getContext('2d', { willReadFrequently: true })
  let hash = 0
  for (const canvas of document.querySelectorAll<HTMLCanvasElement>('[data-testid="page-map"] canvas')) {
    if (!canvas.width || !canvas.height || !context) continue
    context.clearRect(0, 0, small.width, small.height)
    context.drawImage(canvas, 0, 0, small.width, small.height)
    const { data } = context.getImageData(0, 0, small.width, small.height)
    const first = data[0]
    if (data.every((byte) => byte === first)) continue
    for (const byte of data) hash = (Math.imul(hash, 31) + byte) | 0
  }
  return hash
}

/** In the page: window.benchLook() is lookInPage. */
export async function teachLook(page: Page): Promise<void> {
  await page.addInitScript(`window.benchLook = ${lookInPage.toString()}`)
}

declare global {
  interface Window {
    benchLook: () => number
  }
}

/** Resolves with the time (ms since the epoch) of the frame in which the map looks otherwise than `before`. */
export function whenChanged(page: Page, before: number, mostMs = 10_000): Promise<number> {
  return page.evaluate(
    async ({ before, mostMs }) => {
      const start = performance.now()
      do {
        await new Promise(requestAnimationFrame)
        if (performance.now() - start > mostMs) return Number.NaN
      } while (window.benchLook() === before)
      return performance.timeOrigin + performance.now()
    },
    { before, mostMs }
  )
}

export const look = (page: Page): Promise<number> => page.evaluate(() => window.benchLook())

/** Until the map has looked the same for half a second. */
export async function settled(page: Page): Promise<number> {
  let last = await look(page)
  for (let same = 0; same < 5;) {
    await page.waitForTimeout(100)
    const now = await look(page)
    same = now === last && now !== 0 ? same + 1 : 0
    last = now
  }
  return last
}

const back = (since: number, halfMs: number): 1 | -1 => (Math.floor(since / halfMs) % 2 ? -1 : 1)

/** All of the pool, then into it and about; each part with a hand on it for `milliseconds`. */
export async function mapFrames(page: Page, milliseconds: number): Promise<Record<string, Frames>> {
  const map = mapOf(page)
  const hand = await Hand.on(page)
  const at = await middleOf(map)
  await map.click({ position: { x: 200, y: 40 } })
  await map.focus()
  await page.keyboard.press('0')
  await settled(page)
  const zoom = await framesWhile(page, () =>
    hand.wheel(milliseconds, (since) => ({ ...at, ctrl: true, deltaY: -60 * back(since, milliseconds / 4) }))
  )
  await page.keyboard.press('0')
  for (let step = 0; step < 3; step++) await page.keyboard.press('+')
  await settled(page)
  const pan = await framesWhile(page, () =>
    hand.wheel(milliseconds, (since) => ({ ...at, deltaY: 120 * back(since, milliseconds / 2) }))
  )
  await map.focus()
  const keys = await framesWhile(page, () =>
    hand.keys(milliseconds, (since) => (back(since, milliseconds / 2) > 0 ? 'PageDown' : 'PageUp'))
  )
  await page.keyboard.press('0')
  await settled(page)
  return { zoom, pan, keys }
}
