// SPDX-License-Identifier: GPL-2.0-or-later
/** What uPlot does not draw by itself: seams between boots, lanes of events, the two cursors. Device pixels. */
import type UPlot from 'uplot'
import type { LogEntry } from '@api'
import { shortId } from '../composables/format.ts'
import { laneOf, lanes, type Boot, type Lane } from './events.ts'

export interface Ink {
  readonly text: string
  readonly strong: string
  readonly grid: string
  readonly line: string
  readonly area: string
  readonly seam: string
  readonly cursor: string
  readonly font: string
  readonly lanes: Readonly<Record<Lane, string>>
}

export function readInk(element: Element): Ink {
  const style = getComputedStyle(element)
  const of = (name: string): string => style.getPropertyValue(name).trim()
  return {
    text: of('--muted'),
    strong: of('--text'),
    grid: of('--border'),
    line: of('--accent'),
    area: `color-mix(in srgb, ${of('--accent')} 14%, transparent)`,
    seam: of('--border-strong'),
    cursor: of('--map-selection'),
    font: `12px ${of('--font')}`,
    lanes: {
      allocations: of('--map-allocated'),
      content: of('--map-named'),
      snapshots: of('--accent'),
      checks: of('--good'),
      kexec: of('--warn'),
      pool: of('--muted')
    }
  }
}

export interface Marked {
  readonly events: readonly LogEntry[]
  readonly boots: readonly Boot[]
  readonly shown: readonly number[]
  readonly a: number | null
  readonly b: number | null
  readonly xs: readonly number[]
  readonly lanesShare: number
}

function line(context: CanvasRenderingContext2D, x: number, top: number, bottom: number): void {
  context.beginPath()
  context.moveTo(x, top)
  context.lineTo(x, bottom)
  context.stroke()
}

/** Where a boot begins: solid for a kexec, dashed for any other boot; its id beside it. */
export function drawSeams(plot: UPlot, { boots, xs }: Marked, ink: Ink): void {
  const { ctx: context, bbox } = plot
  const ratio = devicePixelRatio
  context.save()
  context.beginPath()
  context.rect(bbox.left, bbox.top, bbox.width, bbox.height)
  context.clip()
  context.strokeStyle = ink.seam
  context.fillStyle = ink.text
  context.lineWidth = ratio
  context.font = `${11 * ratio}px ${ink.font.slice(5)}`
  context.textBaseline = 'top'
  context.textAlign = 'left'
  let free = -Infinity // labels do not overlap
  for (const { from, bootId, seam } of boots) {
    const place = from === 0 ? (xs[0] ?? 0) : ((xs[from - 1] ?? 0) + (xs[from] ?? 0)) / 2
    const x = Math.round(plot.valToPos(place, 'x', true))
    context.setLineDash(seam === 'kexec' ? [] : [4 * ratio, 3 * ratio])
    if (seam !== 'start') line(context, x, bbox.top, bbox.top + bbox.height)
    const text = `${seam === 'kexec' ? 'kexec → ' : seam === 'other' ? 'boot ' : ''}${shortId(bootId)}`
    if (x < free) continue
    context.fillText(text, x + 4 * ratio, bbox.top + 2 * ratio)
    free = x + context.measureText(text).width + 10 * ratio
  }
  context.restore()
}

/** Left of the first event that was read: that there are older ones. */
export function drawUnread(plot: UPlot, first: number, ink: Ink): void {
  const { ctx: context, bbox } = plot
  const ratio = devicePixelRatio
  const width = plot.valToPos(first, 'x', true) - bbox.left
  if (width <= 0) return
  context.save()
  context.beginPath()
  context.rect(bbox.left, bbox.top, width, bbox.height)
  context.clip()
  context.strokeStyle = ink.grid
  context.lineWidth = ratio
  for (let x = bbox.left - bbox.height; x < bbox.left + width; x += 8 * ratio) {
    context.beginPath()
    context.moveTo(x, bbox.top + bbox.height)
    context.lineTo(x + bbox.height, bbox.top)
    context.stroke()
  }
  context.font = `${12 * ratio}px ${ink.font.slice(5)}`
  context.fillStyle = ink.strong
  context.textAlign = 'center'
  context.textBaseline = 'middle'
  context.fillText('being read', bbox.left + width / 2, bbox.top + bbox.height / 3, width)
  context.restore()
}

export function drawLanes(plot: UPlot, { events, shown, a, b, xs, lanesShare }: Marked, ink: Ink): void {
  const { ctx: context, bbox } = plot
  const ratio = devicePixelRatio
  const height = bbox.height * lanesShare
  const top = bbox.top + bbox.height - height
  const each = height / lanes.length
  context.save()
  context.beginPath()
  context.rect(0, bbox.top, bbox.left + bbox.width, bbox.height)
  context.clip()
  context.font = `${11 * ratio}px ${ink.font.slice(5)}`
  context.textBaseline = 'middle'
  context.textAlign = 'right'
  for (const [index, lane] of lanes.entries()) {
    context.fillStyle = ink.text
    context.fillText(lane, bbox.left - 6 * ratio, top + (index + 0.5) * each)
  }
  const wide = Math.max(2 * ratio, Math.min(6 * ratio, bbox.width / Math.max(1, xs.length) - ratio))
  const drawn = new Map<Lane, number>() // thousands of events may share a pixel
  for (const at of shown) {
    const x = Math.round(plot.valToPos(xs[at] ?? 0, 'x', true))
    if (x < bbox.left - wide || x > bbox.left + bbox.width + wide) continue
    const lane = laneOf(events[at]!.verb)
    if (drawn.get(lane) === x) continue
    drawn.set(lane, x)
    context.fillStyle = ink.lanes[lane]
    context.fillRect(x - wide / 2, top + lanes.indexOf(lane) * each + 2 * ratio, wide, each - 4 * ratio)
  }
  context.strokeStyle = ink.cursor
  context.fillStyle = ink.cursor
  context.lineWidth = 2 * ratio
  context.textAlign = 'left'
  for (const [name, at] of [
    ['A', a],
    ['B', b]
  ] as const) {
    if (at === null) continue
    const x = Math.round(plot.valToPos(xs[at] ?? 0, 'x', true))
    line(context, x, bbox.top, bbox.top + bbox.height)
    context.fillText(name, x + 4 * ratio, top - 8 * ratio)
  }
  context.restore()
}
