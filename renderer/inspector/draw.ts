// SPDX-License-Identifier: GPL-2.0-or-later
/** The rows in view on a Canvas 2D: a few strings a row, not an element a byte. */
import { formatPages, pageBytes } from '../composables/format.ts'
import { notHeld, notRead } from './bytes-cache.ts'
import type { Column, Side } from './layout.ts'
import { headingHeight, leftGap, type Scene } from './scene.ts'
import { textCells } from './text.ts'
import { rowHeight } from './use-hex-view.ts'

type Context = CanvasRenderingContext2D

const hexOf: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))
const baseline = 13 // pixels below the top of a row

/** How a byte is drawn, the weightiest of what is true of it. */
const looks = ['plain', 'zero', 'changed', 'differs', 'edited'] as const
type Look = (typeof looks)[number]

export function drawScene(context: Context, scene: Scene): void {
  const top = headingHeight(scene)
  context.textBaseline = 'alphabetic'
  context.textAlign = 'left'
  context.font = scene.colours.font
  context.fillStyle = scene.colours.ground
  context.fillRect(0, 0, scene.width, top + scene.height)
  context.save()
  context.beginPath()
  context.rect(0, top, scene.width, scene.height)
  context.clip()
  const rows = Math.ceil((scene.height + scene.place.pixel) / rowHeight)
  let labelled: unknown = undefined
  for (let index = 0; index < rows; index++) {
    const offset = (scene.place.row + index) * scene.layout.bytesPerRow
    if (offset >= scene.space.size) break
    const y = top + index * rowHeight - scene.place.pixel
    labelled = drawRow(context, scene, offset, y, labelled)
  }
  context.restore()
  drawHeading(context, scene, top)
}

const xOf = (scene: Scene, chars: number): number => leftGap + chars * scene.charWidth
const put = (context: Context, scene: Scene, text: string, chars: number, y: number): void =>
  context.fillText(text, xOf(scene, chars), y + baseline)

function drawHeading(context: Context, scene: Scene, height: number): void {
  const { colours, layout } = scene
  context.fillStyle = colours.ground
  context.fillRect(0, 0, scene.width, height)
  context.fillStyle = colours.line
  context.fillRect(0, height - 1, scene.width, 1)
  context.fillStyle = colours.muted
  for (const side of layout.sides) {
    if (scene.sides.length > 1) put(context, scene, scene.sides[side] ?? '', layout.hexStart(side), 3)
    for (let byte = 0; byte < layout.bytesPerRow; byte++)
      put(context, scene, hexOf[byte]!, layout.hexStart(side) + layout.inHex(byte), height - 19)
  }
}

/** Answers what the row was labelled as: the next one of the same needs no label. */
function drawRow(context: Context, scene: Scene, offset: number, y: number, before: unknown): unknown {
  const { colours, layout, space } = scene
  const segment = space.segmentAt(offset)
  if (segment?.kind !== 'region') {
    hatch(context, scene, 0, y, scene.width)
    const text = segment?.kind === 'missing' ? 'region missing: it cannot be read' : 'between two regions: no memory'
    if (before !== segment) labelOn(context, scene, text, y)
    return segment
  }
  const page = Math.floor(offset / pageBytes)
  const kind = scene.kindAt(page)
  const allocation = kind === 'allocated' ? scene.allocationAt(page) : null
  context.fillStyle = colours.grounds[kind]
  context.fillRect(0, y, scene.width, rowHeight)
  context.fillStyle = colours.strips[kind]
  context.fillRect(xOf(scene, layout.addressChars) + 5, y, 4, rowHeight)
  if (offset % pageBytes === 0) drawBoundary(context, scene, y, allocation?.page === page)
  context.fillStyle = colours.muted
  put(context, scene, scene.address(offset).padStart(layout.addressChars), 0, y)
  for (const side of layout.sides) drawSide(context, scene, side, offset, y)
  const label = allocation ?? (kind === 'allocated' ? 'allocated' : kind)
  if (label !== before && kind !== 'unknown') drawLabel(context, scene, allocation ?? kind, y)
  return label
}

function drawBoundary(context: Context, { colours, width }: Scene, y: number, ofAllocation: boolean): void {
  context.fillStyle = ofAllocation ? colours.strong : colours.line
  context.fillRect(0, y, width, 1)
}

function drawLabel(
  context: Context,
  scene: Scene,
  what: string | NonNullable<ReturnType<Scene['allocationAt']>>,
  y: number
): void {
  const start = scene.layout.chars + 2
  const room = Math.floor((scene.width - xOf(scene, start)) / scene.charWidth)
  if (room < 4) return
  const text = typeof what === 'string' ? what : `${what.record?.name ?? 'unnamed'}, ${formatPages(what.pages)}`
  context.fillStyle = scene.colours.muted
  put(context, scene, text.length > room ? `${text.slice(0, room - 1)}…` : text, start, y)
}

function labelOn(context: Context, scene: Scene, text: string, y: number): void {
  const start = scene.layout.hexStart(0)
  context.fillStyle = scene.colours.ground
  context.fillRect(xOf(scene, start) - 6, y, text.length * scene.charWidth + 12, rowHeight)
  context.fillStyle = scene.colours.muted
  put(context, scene, text, start, y)
}

/** Lines from lower left to upper right, in step from row to row. */
function hatch(context: Context, { colours }: Scene, x: number, y: number, width: number): void {
  context.save()
  context.beginPath()
  context.rect(x, y, width, rowHeight)
  context.clip()
  context.strokeStyle = colours.line
  context.lineWidth = 1
  context.beginPath()
  for (let at = Math.floor((x - rowHeight) / 6) * 6; at < x + width; at += 6) {
    context.moveTo(at, y + rowHeight)
    context.lineTo(at + rowHeight, y)
  }
  context.stroke()
  context.restore()
}

function lookOf(scene: Scene, side: Side, offset: number, byte: number): Look {
  if (side === 0 && scene.isEdited(offset)) return 'edited'
  if (scene.sides.length > 1) {
    const other = scene.at(side === 0 ? 1 : 0, offset)
    if (other >= 0 && other !== byte) return 'differs'
  }
  if (side === 0 && scene.changed(offset) > 0) return 'changed'
  return byte === 0 ? 'zero' : 'plain'
}

const colourOf = (scene: Scene, look: Look): string =>
  ({
    plain: scene.colours.text,
    zero: scene.colours.muted,
    changed: scene.colours.changed,
    differs: scene.colours.differs,
    edited: scene.colours.edited
  })[look]

function drawSide(context: Context, scene: Scene, side: Side, offset: number, y: number): void {
  const { layout, space } = scene
  const count = Math.min(layout.bytesPerRow, space.size - offset)
  const bytes = Array.from({ length: count }, (_, index) => scene.at(side, offset + index))
  const look = bytes.map((byte, index) => (byte < 0 ? 'zero' : lookOf(scene, side, offset + index, byte)))
  drawAbsent(context, scene, side, bytes, y)
  drawGrounds(context, scene, side, offset, look, y)
  drawHex(context, scene, side, bytes, look, y)
  drawText(context, scene, side, offset, look, y)
  if (scene.cursor >= offset && scene.cursor < offset + count)
    drawCursor(context, scene, side, scene.cursor - offset, y)
}

/** What is held against live memory does not hold these. */
function drawAbsent(context: Context, scene: Scene, side: Side, bytes: readonly number[], y: number): void {
  for (let index = 0; index < bytes.length; index++) {
    if (bytes[index] !== notHeld) continue
    let end = index
    while (bytes[end + 1] === notHeld) end++
    const [x, width] = cellBox(scene, side, 'hex', index, end)
    hatch(context, scene, x, y, width)
    index = end
  }
}

/** Left edge and width of the cells of some bytes of a row. */
function cellBox(
  { layout, charWidth }: Scene,
  side: Side,
  column: Column,
  first: number,
  last: number
): [number, number] {
  const start = column === 'hex' ? layout.hexStart(side) : layout.textStart(side)
  const from = column === 'hex' ? layout.inHex(first) : first
  const to = column === 'hex' ? layout.inHex(last) + 2 : last + 1
  const edge = column === 'hex' ? charWidth * 0.3 : 0
  return [leftGap + (start + from) * charWidth - edge, (to - from) * charWidth + 2 * edge]
}

function groundOf(scene: Scene, side: Side, offset: number, look: Look): string | null {
  const { colours, selection } = scene
  const several = selection.to - selection.from > 1
  if (several && offset >= selection.from && offset < selection.to) return colours.selection
  if (look === 'edited') return colours.editedGround
  if (look === 'differs') return colours.differsGround
  if (look === 'changed') return colours.changedGround
  return side === 0 && scene.isHit(offset) ? colours.hitGround : null
}

function drawGrounds(
  context: Context,
  scene: Scene,
  side: Side,
  offset: number,
  look: readonly Look[],
  y: number
): void {
  for (let index = 0; index < look.length; index++) {
    const ground = groundOf(scene, side, offset + index, look[index]!)
    const marked = look[index] !== 'plain' && look[index] !== 'zero'
    if (ground === null) continue
    const faded = look[index] === 'changed' && ground === scene.colours.changedGround
    let end = index
    while (end + 1 < look.length && look[end + 1] === look[index] && !faded) {
      if (groundOf(scene, side, offset + end + 1, look[end + 1]!) !== ground) break
      end++
    }
    if (faded) context.globalAlpha = 0.35 + 0.65 * scene.changed(offset + index)
    for (const column of ['hex', 'text'] as const) {
      const [x, width] = cellBox(scene, side, column, index, end)
      context.fillStyle = ground
      context.fillRect(x, y, width, rowHeight)
      if (!marked) continue
      context.fillStyle = colourOf(scene, look[index]!)
      context.fillRect(x, y + rowHeight - 2, width, 2)
    }
    context.globalAlpha = 1
    index = end
  }
}

/** One string for each look: spaces stand where another look has its digits. */
function drawHex(
  context: Context,
  scene: Scene,
  side: Side,
  bytes: readonly number[],
  look: readonly Look[],
  y: number
): void {
  const start = scene.layout.hexStart(side)
  for (const wanted of looks) {
    if (!look.includes(wanted)) continue
    let text = ''
    bytes.forEach((byte, index) => {
      if (look[index] !== wanted) return
      text = text.padEnd(scene.layout.inHex(index))
      text += byte === notRead ? '··' : byte === notHeld ? '  ' : hexOf[byte]!
    })
    context.fillStyle = colourOf(scene, wanted)
    put(context, scene, text, start, y)
  }
}

function drawText(context: Context, scene: Scene, side: Side, offset: number, look: readonly Look[], y: number): void {
  const start = scene.layout.textStart(side)
  const cells = textCells((at) => scene.at(side, at), offset, look.length, scene.encoding)
  for (const wanted of looks) {
    if (!look.includes(wanted) && !(wanted === 'zero' && cells.some(({ dot }) => dot))) continue
    let text = ''
    cells.forEach((cell, index) => {
      const its = cell.dot && look[index] === 'plain' ? 'zero' : look[index]
      if (its !== wanted || cell.text === '' || cell.text === ' ') return
      if (cell.text.length === 1 && cell.text <= '~') text = text.padEnd(index) + cell.text
      else if (cell.dot) text = text.padEnd(index) + cell.text
      else wide(context, scene, cell.text, start + index, cells, index, y, colourOf(scene, wanted))
    })
    context.fillStyle = colourOf(scene, wanted)
    put(context, scene, text, start, y)
  }
}

/** A character beyond ASCII, inside the cells of its bytes. */
function wide(
  context: Context,
  scene: Scene,
  text: string,
  chars: number,
  cells: readonly { text: string }[],
  index: number,
  y: number,
  colour: string
): void {
  let room = 1
  while (cells[index + room]?.text === '') room++
  context.save()
  context.beginPath()
  context.rect(xOf(scene, chars), y, room * scene.charWidth, rowHeight)
  context.clip()
  context.fillStyle = colour
  put(context, scene, text, chars, y)
  context.restore()
}

function drawCursor(context: Context, scene: Scene, side: Side, byte: number, y: number): void {
  for (const column of ['hex', 'text'] as const) {
    const [x, width] = cellBox(scene, side, column, byte, byte)
    const active = side === 0 && scene.focused && column === scene.column
    context.strokeStyle = active ? scene.colours.accent : scene.colours.muted
    context.lineWidth = active ? 2 : 1
    context.strokeRect(x + 0.5, y + 1.5, width - 1, rowHeight - 3)
    if (active && column === 'hex' && scene.low) {
      context.fillStyle = scene.colours.accent
      context.fillRect(x + width / 2, y + rowHeight - 4, width / 2 - 2, 2)
    }
  }
}
