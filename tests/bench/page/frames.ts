// SPDX-License-Identifier: GPL-2.0-or-later
// Frames of a page while something is done to it: how far apart they begin, and how long the main thread is busy with
// each (scripts, style, layout and paint, up to the first task after it).
import type { CDPSession, Page } from 'playwright-core'

export interface Frames {
  readonly apart: readonly number[]
  readonly busy: readonly number[]
  /** processor time of the main thread for a frame, and of its scripts; the mean. What others do to the machine is not in it. */
  readonly cpu: { readonly all: number; readonly scripts: number }
}

interface Cpu {
  readonly all: number
  readonly scripts: number
}

/** ms so far. */
async function cpuOf(session: CDPSession): Promise<Cpu> {
  const { metrics } = await session.send('Performance.getMetrics')
  const of = (wanted: string): number => (metrics.find(({ name }) => name === wanted)?.value ?? Number.NaN) * 1000
  return { all: of('TaskDuration'), scripts: of('ScriptDuration') }
}

interface Recording {
  apart: number[]
  busy: number[]
  ended: boolean
}

declare global {
  interface Window {
    benchRecording?: Recording
  }
}

export async function framesWhile(page: Page, drive: () => Promise<void>): Promise<Frames> {
  const session = await page.context().newCDPSession(page)
  await session.send('Performance.enable', { timeDomain: 'threadTicks' })
  const before = await cpuOf(session)
  await page.evaluate(() => {
    const recording: Recording = { apart: [], busy: [], ended: false }
    window.benchRecording = recording
    const { port1, port2 } = new MessageChannel()
    let last = 0
    let begun = 0
    port1.onmessage = () => recording.busy.push(performance.now() - begun)
    const frame = (time: number): void => {
      if (recording.ended) return
      requestAnimationFrame(frame) // first, so that it is the first of the next frame too
      begun = performance.now()
      port2.postMessage(null)
      if (last) recording.apart.push(time - last)
      last = time
    }
    requestAnimationFrame(frame)
  })
  await drive()
  const recorded = await page.evaluate(() => {
    const { apart, busy } = window.benchRecording ?? { apart: [], busy: [] }
    if (window.benchRecording) window.benchRecording.ended = true
    return { apart, busy }
  })
  const after = await cpuOf(session)
  await session.detach()
  const frames = recorded.apart.length
  const cpu = { all: (after.all - before.all) / frames, scripts: (after.scripts - before.scripts) / frames }
  return { ...recorded, cpu }
}

/** The browser's own floor: a page with nothing in it but the recorder. */
export async function idleFrames(page: Page, milliseconds: number): Promise<Frames> {
  await page.goto('about:blank')
  return framesWhile(page, () => page.waitForTimeout(milliseconds))
}
