// SPDX-License-Identifier: GPL-2.0-or-later
/** Where the columns of a row stand, in characters of the fixed-width font. */

export const rowWidths = [8, 16, 32] as const
export const groupings = [1, 2, 4, 8] as const
export type Grouping = (typeof groupings)[number]
export type Column = 'hex' | 'text'
/** live memory, or what it is held against */
export type Side = 0 | 1

export interface LayoutWish {
  readonly bytesPerRow: number
  readonly grouping: Grouping
  /** of the address column */
  readonly addressChars: number
  /** with a second side */
  readonly beside: boolean
}

export interface Hit {
  readonly column: Column
  readonly side: Side
  /** of the row, from 0 */
  readonly byte: number
  /** the pointer is on the second half of the byte's digits */
  readonly low: boolean
}

const between = 2
const sideGap = 3
/** for the name of an allocation, behind the last column */
const labelChars = 12

export class HexLayout {
  readonly bytesPerRow: number
  readonly grouping: Grouping
  readonly addressChars: number
  readonly sides: readonly Side[]
  readonly hexChars: number
  /** all columns, without room for labels */
  readonly chars: number

  constructor({ bytesPerRow, grouping, addressChars, beside }: LayoutWish) {
    this.bytesPerRow = bytesPerRow
    this.grouping = grouping
    this.addressChars = addressChars
    this.sides = beside ? [0, 1] : [0]
    this.hexChars = this.inHex(bytesPerRow - 1) + 2
    const last = this.sides.length === 2 ? 1 : 0
    this.chars = this.textStart(last) + bytesPerRow
  }

  /** Characters before a byte's digits inside its hex column: a space between groups, one more after eight. */
  inHex(byte: number): number {
    const groups = Math.floor(byte / this.grouping)
    return byte * 2 + groups + (this.grouping < 8 ? Math.floor(byte / 8) : 0)
  }

  get #sideChars(): number {
    return this.hexChars + between + this.bytesPerRow + sideGap
  }
  hexStart(side: Side): number {
    return this.addressChars + between + side * this.#sideChars
  }
  textStart(side: Side): number {
    return this.hexStart(side) + this.hexChars + between
  }

  /** Half-way between a byte's digits and those of the next. */
  #edgeAfter(byte: number): number {
    return (this.inHex(byte) + 2 + this.inHex(byte + 1)) / 2
  }

  /** Which byte is at a distance from the left, in characters; between two columns the nearer one counts. */
  hit(chars: number): Hit {
    const side: Side = this.sides.length === 2 && chars >= this.hexStart(1) - sideGap / 2 ? 1 : 0
    const text = this.textStart(side)
    if (chars >= text - between / 2) {
      const byte = Math.max(0, Math.min(this.bytesPerRow - 1, Math.floor(chars - text)))
      return { column: 'text', side, byte, low: false }
    }
    const inside = chars - this.hexStart(side)
    let byte = 0
    while (byte < this.bytesPerRow - 1 && this.#edgeAfter(byte) <= inside) byte++
    return { column: 'hex', side, byte, low: inside - this.inHex(byte) >= 1 }
  }
}

/** The widest row of 8, 16 or 32 that fits, with room for labels where there can be. */
export function widestRow(charsThere: number, wish: Omit<LayoutWish, 'bytesPerRow'>): number {
  const fits = (bytesPerRow: number): boolean =>
    new HexLayout({ ...wish, bytesPerRow }).chars + (wish.beside ? 0 : labelChars) <= charsThere
  return rowWidths.findLast(fits) ?? rowWidths[0]
}
