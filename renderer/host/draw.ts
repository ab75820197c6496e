// SPDX-License-Identifier: GPL-2.0-or-later
/** The picture of physical memory on a canvas. Colours are those of style/tokens.css: a canvas reads none by itself. */
import type { Axis } from './axis.ts'
import type { MapItem } from './items.ts'
import { kinds, type Kind } from './kinds.ts'
import { shortened } from './label.ts'
import { toX, xOf, type Lens } from './lens.ts'
import { boxOf, rowHeight, rulerHeight, type Shown } from './rows.ts'
import type { AddressRange } from './snap.ts'
import { ticksOf } from './ticks.ts'

export interface Colours {
  readonly kinds: Record<Kind, string>
  readonly text: string
  readonly edge: string
  readonly ground: string
  readonly band: string
  readonly muted: string
  readonly cursor: string
  readonly selection: string
  readonly font: string
  readonly mono: string
}

export function readColours(element: Element): Colours {
  const style = getComputedStyle(element)
  const token = (name: string): string => style.getPropertyValue(`--${name}`).trim()
  return {
    kinds: Object.fromEntries(kinds.map((kind) => [kind, token(`phys-${kind}`)])) as Record<Kind, string>,
    text: token('phys-text'),
    edge: token('phys-edge'),
    ground: token('map-ground'),
    band: token('sunken'),
    muted: token('map-text'),
    cursor: token('map-cursor'),
    selection: token('map-selection'),
    font: `11px ${token('font')}`,
    mono: `11px ${token('mono')}`
  }
}

export interface Marks {
  readonly selected: MapItem | null
  readonly hovered: MapItem | null
  readonly chosen: AddressRange | null
}

/** Narrower items have no room for their name. CSS pixels. */
const labelFrom = 30
/** Narrower ones have no edge: it would be all of them. */
const edgeFrom = 4

/** A cleared canvas of that many CSS pixels; null where there is none. */
export function prepare(
  canvas: HTMLCanvasElement,
  width: number,
  height: number,
  ratio: number
): CanvasRenderingContext2D | null {
  const [across, down] = [Math.round(width * ratio), Math.round(height * ratio)]
  if (canvas.width !== across) canvas.width = across
  if (canvas.height !== down) canvas.height = down
  const context = canvas.getContext('2d')
  context?.setTransform(ratio, 0, 0, ratio, 0, 0)
  context?.clearRect(0, 0, width, height)
  return context
}

function drawBands(context: CanvasRenderingContext2D, { picture, lens }: Shown, colours: Colours): void {
  context.fillStyle = colours.band
  for (const { top, rows } of picture.lanes) context.fillRect(0, top, lens.width, rows * rowHeight)
}

/** Two slanted strokes over all lanes where the axis is cut short. */
function drawBreaks(context: CanvasRenderingContext2D, { picture, lens }: Shown, colours: Colours): void {
  context.lineWidth = 1
  for (const { at, length, cut, named } of lens.axis.between(lens.from, lens.from + lens.span)) {
    if (!cut) continue
    const x = Math.round(toX(lens, at + length * (named ? 0.85 : 0.5))) // names stand at the left
    for (let y = rulerHeight; y < picture.height; y += rowHeight) {
      context.beginPath()
      context.strokeStyle = colours.ground
      context.lineWidth = 3
      context.moveTo(x + 3, y)
      context.lineTo(x - 3, y + rowHeight)
      context.stroke()
      context.strokeStyle = colours.muted
      context.lineWidth = 1
      for (const by of [-2, 2]) {
        context.beginPath()
        context.moveTo(x + by + 3, y)
        context.lineTo(x + by - 3, y + rowHeight)
        context.stroke()
      }
    }
  }
}

function drawRuler(context: CanvasRenderingContext2D, lens: Lens, height: number, colours: Colours): void {
  context.font = colours.mono
  context.textBaseline = 'middle'
  for (const { x, label } of ticksOf(lens)) {
    context.globalAlpha = 0.35
    context.fillStyle = colours.muted
    context.fillRect(Math.round(x), rulerHeight - 6, 1, height - rulerHeight + 6)
    context.globalAlpha = 1
    context.fillText(label, Math.round(x) + 3, rulerHeight / 2 - 1)
  }
}

function drawItems(context: CanvasRenderingContext2D, shown: Shown, colours: Colours): void {
  /** the last pixel taken by a narrow item, by row and colour: thousands of them may share one */
  const taken = new Map<string, number>()
  context.font = colours.font
  context.textBaseline = 'middle'
  for (const item of shown.items) {
    if (shown.hidden.has(item.kind)) continue
    const box = boxOf(item, shown.picture, shown.lens)
    if (!box) continue
    if (box.width < edgeFrom) {
      const key = `${box.y} ${item.kind}`
      const pixel = Math.floor(box.x)
      if (taken.get(key) === pixel) continue
      taken.set(key, pixel)
    }
    drawItem(context, item, { ...box, right: Math.min(box.x + box.width, shown.lens.width + 1) }, colours)
  }
}

function drawItem(
  context: CanvasRenderingContext2D,
  item: MapItem,
  box: { x: number; y: number; width: number; right: number },
  colours: Colours
): void {
  const x = Math.max(box.x, -1)
  const width = box.right - x
  context.fillStyle = colours.kinds[item.kind]
  context.fillRect(x, box.y, width, rowHeight - 1)
  if (width >= edgeFrom) {
    context.strokeStyle = colours.edge
    context.lineWidth = 1
    context.strokeRect(Math.round(x) + 0.5, box.y + 0.5, Math.max(1, Math.round(width) - 1), rowHeight - 2)
  }
  if (width < labelFrom) return
  const left = Math.max(x, 0) + 4
  const room = box.right - left - 3
  context.fillStyle = colours.text
  context.fillText(
    shortened(item.name, room, (text) => context.measureText(text).width),
    left,
    box.y + rowHeight / 2
  )
}

function outline(context: CanvasRenderingContext2D, shown: Shown, item: MapItem, colour: string, wide: number): void {
  const box = boxOf(item, shown.picture, shown.lens)
  if (!box) return
  const x = Math.max(box.x, -4)
  const right = Math.min(box.x + box.width, shown.lens.width + 4)
  context.strokeStyle = colour
  context.lineWidth = wide
  context.strokeRect(x - wide / 2, box.y - wide / 2, right - x + wide, rowHeight - 1 + wide)
}

/** What the planner plans, over all lanes. */
function drawChosen(context: CanvasRenderingContext2D, shown: Shown, chosen: AddressRange, colours: Colours): void {
  const left = xOf(shown.lens, chosen.base)
  const width = Math.max(2, xOf(shown.lens, chosen.base + chosen.size) - left)
  context.fillStyle = colours.selection
  context.globalAlpha = 0.22
  context.fillRect(left, rulerHeight, width, shown.picture.height - rulerHeight)
  context.globalAlpha = 1
  context.fillRect(Math.round(left), rulerHeight - 4, 2, shown.picture.height)
  context.fillRect(Math.round(left + width) - 2, rulerHeight - 4, 2, shown.picture.height)
}

export function drawMap(context: CanvasRenderingContext2D, shown: Shown, marks: Marks, colours: Colours): void {
  drawBands(context, shown, colours)
  drawRuler(context, shown.lens, shown.picture.height, colours)
  drawItems(context, shown, colours)
  drawBreaks(context, shown, colours)
  if (marks.chosen) drawChosen(context, shown, marks.chosen, colours)
  if (marks.hovered) outline(context, shown, marks.hovered, colours.cursor, 1)
  if (marks.selected) outline(context, shown, marks.selected, colours.selection, 2)
}

export const overviewHeight = 14

/** The whole axis in one strip: outermost ranges of the kernel, regions over them, and the window. */
export function drawOverview(
  context: CanvasRenderingContext2D,
  items: readonly MapItem[],
  axis: Axis,
  lens: Lens,
  colours: Colours
): void {
  const place = (address: number): number => (axis.unitOf(address) / axis.length) * lens.width
  context.fillStyle = colours.band
  context.fillRect(0, 0, lens.width, overviewHeight)
  for (const item of items) {
    const outermost = item.row === 0 && (item.lane === 'kernel' || item.lane === 'regions')
    if (!outermost && item.kind !== 'difference') continue
    const left = place(item.base)
    const inset = item.lane === 'kernel' ? 3 : item.kind === 'difference' ? 11 : 5
    const height = item.kind === 'difference' ? 3 : overviewHeight - 2 * inset
    context.fillStyle = colours.kinds[item.kind]
    context.fillRect(left, inset, Math.max(1, place(item.base + item.size) - left), height)
  }
  const left = (lens.from / axis.length) * lens.width
  const width = Math.max(4, (lens.span / axis.length) * lens.width)
  context.strokeStyle = colours.selection
  context.lineWidth = 2
  context.strokeRect(left + 1, 1, width - 2, overviewHeight - 2)
}
