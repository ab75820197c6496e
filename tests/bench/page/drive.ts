// SPDX-License-Identifier: GPL-2.0-or-later
// Input as a hand gives it: sixty wheel events or keys a second through the browser's own input path, for a while.
import type { CDPSession, Locator, Page } from 'playwright-core'

const everyMs = 16
const mostUnderWay = 4 // a page that falls behind gets no queue of them

interface Wheel {
  readonly x: number
  readonly y: number
  readonly deltaX?: number
  readonly deltaY?: number
  readonly ctrl?: boolean
}

export class Hand {
  readonly #page: Page
  readonly #session: CDPSession
  #underWay = 0

  private constructor(page: Page, session: CDPSession) {
    this.#page = page
    this.#session = session
  }

  static async on(page: Page): Promise<Hand> {
    return new Hand(page, await page.context().newCDPSession(page))
  }

  async wheel(milliseconds: number, event: (since: number) => Wheel): Promise<void> {
    await this.#keepUp(milliseconds, (since) => {
      const { x, y, deltaX = 0, deltaY = 0, ctrl } = event(since)
      return this.#session.send('Input.dispatchMouseEvent', {
        type: 'mouseWheel',
        x,
        y,
        deltaX,
        deltaY,
        modifiers: ctrl ? 2 : 0
      })
    })
  }

  async keys(milliseconds: number, key: (since: number) => string): Promise<void> {
    await this.#keepUp(milliseconds, (since) => this.#page.keyboard.press(key(since)))
  }

  /** With the left button held. */
  async move(milliseconds: number, place: (since: number) => { x: number; y: number }): Promise<void> {
    await this.#keepUp(milliseconds, (since) => {
      const { x, y } = place(since)
      return this.#page.mouse.move(x, y)
    })
  }

  async #keepUp(milliseconds: number, send: (since: number) => Promise<unknown>): Promise<void> {
    const start = performance.now()
    for (let since = 0; since < milliseconds; since = performance.now() - start) {
      if (this.#underWay < mostUnderWay) {
        this.#underWay++
        send(since)
          .catch(() => {}) // the page went away: its frames tell
          .finally(() => this.#underWay--)
      }
      await new Promise((next) => setTimeout(next, everyMs))
    }
  }
}

export async function middleOf(locator: Locator): Promise<{ x: number; y: number }> {
  const box = await locator.boundingBox()
  if (!box) throw new Error('it is not on screen')
  return { x: Math.round(box.x + box.width / 2), y: Math.round(box.y + box.height / 2) }
}
