// SPDX-License-Identifier: GPL-2.0-or-later
// The table of allocations under a wheel, down and up again.
import type { Page } from 'playwright-core'
import { Hand, middleOf } from './drive.ts'
import { framesWhile, type Frames } from './frames.ts'

export async function tableFrames(page: Page, milliseconds: number): Promise<Frames> {
  const at = await middleOf(page.getByRole('grid').first())
  const hand = await Hand.on(page)
  await page.mouse.move(at.x, at.y)
  return framesWhile(page, () =>
    hand.wheel(milliseconds, (since) => ({ ...at, deltaY: since < milliseconds / 2 ? 400 : -400 }))
  )
}
