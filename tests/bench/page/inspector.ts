// SPDX-License-Identifier: GPL-2.0-or-later
// The inspector over bytes that are not zero: under a wheel, paged by keys, and its scrollbar dragged through the pool.
import { randomBytes } from 'node:crypto'
import type { Page } from 'playwright-core'
import type { Helper } from '../../e2e/support/helper.ts'
import { Hand, middleOf } from './drive.ts'
import { framesWhile, type Frames } from './frames.ts'

const name = 'bench-bytes'
const contentMiB = 4
const mebibyte = 2 ** 20

/** An allocation with noise in it, as bytes that are wholly drawn. */
async function prepare(helper: Helper, pool: string): Promise<void> {
  const { page } = await helper.ask('allocation/create', { pool, pages: (contentMiB * mebibyte) / 4096, name })
  for (let part = 0; part < contentMiB; part++) {
    const data = randomBytes(mebibyte).toString('base64')
    await helper.ask('allocation/write', { pool, page, offset: part * mebibyte, data })
  }
}

export async function inspectorFrames(
  page: Page,
  helper: Helper,
  pool: string,
  milliseconds: number
): Promise<Record<'wheel' | 'keys' | 'drag', Frames>> {
  await prepare(helper, pool)
  await page.getByRole('tab', { name: 'Inspector' }).click()
  const area = page.getByTestId('hex-area')
  await area.waitFor()
  const goTo = async (): Promise<void> => {
    await page.keyboard.press('Control+g')
    await page.keyboard.type(name)
    await page.keyboard.press('Enter')
    await page
      .locator('#inspector-status')
      .filter({ hasText: `in ${name}` })
      .waitFor()
    await page.waitForTimeout(500) // what was asked for has come
  }
  await goTo()
  const hand = await Hand.on(page)
  const at = await middleOf(area)
  const isDown = (since: number): boolean => since < milliseconds / 2
  const wheel = await framesWhile(page, () =>
    hand.wheel(milliseconds, (since) => ({ ...at, deltaY: isDown(since) ? 120 : -120 }))
  )
  await goTo()
  const keys = await framesWhile(page, () =>
    hand.keys(milliseconds, (since) => (isDown(since) ? 'PageDown' : 'PageUp'))
  )
  const bar = page.getByRole('scrollbar', { name: 'Place in the pool' })
  const box = await bar.boundingBox()
  if (!box) throw new Error('there is no scrollbar')
  const x = box.x + box.width / 2
  await page.mouse.move(x, box.y + 10)
  await page.mouse.down()
  const drag = await framesWhile(page, () =>
    hand.move(milliseconds, (since) => {
      const half = (since / (milliseconds / 2)) % 2
      return { x, y: box.y + 10 + (half < 1 ? half : 2 - half) * (box.height - 20) }
    })
  )
  await page.mouse.up()
  return { wheel, keys, drag }
}
