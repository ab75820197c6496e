// SPDX-License-Identifier: GPL-2.0-or-later
/** The text column: one cell a byte; a character of several bytes has as many cells. */

export const encodings = ['ascii', 'utf-8', 'utf-16le'] as const
export type Encoding = (typeof encodings)[number]
export const encodingTitles: Record<Encoding, string> = { ascii: 'ASCII', 'utf-8': 'UTF-8', 'utf-16le': 'UTF-16LE' }

export interface Cell {
  /** empty: the character began before */
  readonly text: string
  /** a stand-in for what cannot be shown */
  readonly dot: boolean
}

type ByteAt = (offset: number) => number
const dot: Cell = { text: '·', dot: true }
const none: Cell = { text: ' ', dot: true }
const rest: Cell = { text: '', dot: false }
const ascii: readonly Cell[] = Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x20 && byte < 0x7f ? { text: String.fromCharCode(byte), dot: false } : dot
)
// a control, a mark that joins the character before, a surrogate or a private one cannot stand in a cell
const shown = (code: number): boolean => !/[\p{C}\p{M}\p{Zl}\p{Zp}]/u.test(String.fromCodePoint(code))

/** Length and code of the UTF-8 sequence at an offset; null when none begins there. */
function utf8At(at: ByteAt, offset: number): { length: number; code: number } | null {
  const lead = at(offset)
  const length = lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0
  if (length === 0) return null
  let code = lead & (0x7f >> length)
  for (let i = 1; i < length; i++) {
    const byte = at(offset + i)
    if (byte < 0x80 || byte > 0xbf) return null
    code = (code << 6) | (byte & 0x3f)
  }
  const least = [0, 0, 0x80, 0x800, 0x10000][length]!
  return code < least || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) ? null : { length, code }
}

/** Offset at which the sequence that holds a byte begins, when that is before it. */
function leadBefore(at: ByteAt, offset: number): number | null {
  for (let back = 1; back < 4; back++) {
    const found = utf8At(at, offset - back)
    if (found) return found.length > back && shown(found.code) ? offset - back : null
  }
  return null
}

function utf8Cells(at: ByteAt, offset: number, count: number): Cell[] {
  const cells: Cell[] = []
  const lead = leadBefore(at, offset)
  if (lead !== null) {
    const over = utf8At(at, lead)!.length - (offset - lead)
    for (let i = 0; i < Math.min(over, count); i++) cells.push(rest)
  }
  while (cells.length < count) {
    const place = offset + cells.length
    const byte = at(place)
    const found = byte >= 0x80 ? utf8At(at, place) : null
    if (!found || !shown(found.code)) {
      cells.push(byte < 0 ? none : ascii[byte]!)
      continue
    }
    cells.push({ text: String.fromCodePoint(found.code), dot: false })
    for (let i = 1; i < found.length && cells.length < count; i++) cells.push(rest)
  }
  return cells
}

function utf16Cells(at: ByteAt, offset: number, count: number): Cell[] {
  const cells: Cell[] = []
  for (let i = 0; i + 1 < count; i += 2) {
    const [low, high] = [at(offset + i), at(offset + i + 1)]
    const code = low + high * 256
    const there = low >= 0 && high >= 0 && !(code >= 0xd800 && code <= 0xdfff) && shown(code)
    cells.push(there ? { text: String.fromCharCode(code), dot: false } : low < 0 ? none : dot, there ? rest : none)
  }
  return cells
}

/** The cells of a row; `at` answers a negative number for a byte that is not known. A row is of even length. */
export function textCells(at: ByteAt, offset: number, count: number, encoding: Encoding): Cell[] {
  if (encoding === 'utf-8') return utf8Cells(at, offset, count)
  if (encoding === 'utf-16le') return utf16Cells(at, offset, count)
  return Array.from({ length: count }, (_, i) => {
    const byte = at(offset + i)
    return byte < 0 ? none : ascii[byte]!
  })
}

/** Bytes as text to copy. */
export function bytesToText(bytes: Uint8Array, encoding: Encoding): string {
  return new TextDecoder(encoding === 'ascii' ? 'utf-8' : encoding, { ignoreBOM: true }).decode(bytes)
}

export function textToBytes(text: string, encoding: Encoding): Uint8Array<ArrayBuffer> {
  if (encoding !== 'utf-16le') return new TextEncoder().encode(text)
  const bytes = new Uint8Array(text.length * 2)
  const view = new DataView(bytes.buffer)
  for (let i = 0; i < text.length; i++) view.setUint16(i * 2, text.charCodeAt(i), true)
  return bytes
}
