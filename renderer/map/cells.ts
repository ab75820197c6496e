// SPDX-License-Identifier: GPL-2.0-or-later
/** Which category each cell of the map shows, and its colour: pure arithmetic over typed arrays, O(cells + runs in view). */
import { cellFlags } from './cell-flags.ts'

/** Categories that every way of colouring has; its own come after them. */
export const FREE = 0
export const METADATA = 1
export const BAD = 2
/** allocated, and not in the list: too many, or not read yet */
export const UNLISTED = 3
export const firstOwn = 4
const none = 255

/** Runs of pages, sorted, each of a category; the same arrays as Runs has. */
export interface Marked {
  readonly starts: Float64Array
  readonly ends: Float64Array
  readonly categories: Uint8Array
  /** index of the first that has a page at this one or after it */
  reaching(page: number): number
}

/** Colours as a canvas has them in memory, by category; alpha 255. */
export interface Tints {
  readonly colours: Uint32Array
  /** of a category that the filter leaves out */
  readonly dimmed: Uint32Array
  /** 1: the filter shows it */
  readonly shown: Uint8Array
}

export interface Picture {
  /** two bytes a cell, as pool/tiles answers them */
  readonly flags: (level: number, first: number, count: number) => Uint8Array
  readonly allocations: Marked
  /** lies over everything: changes, diagnoses */
  readonly over: Marked | null
  readonly tints: Tints
}

/** Of each cell the category with the fewest pages: a lone page is never lost. What the filter shows comes first. */
export function sweep(
  marked: Marked,
  shown: Uint8Array,
  firstPage: number,
  pagesPerCell: number,
  cells: number
): Uint8Array {
  const found = new Uint8Array(cells).fill(none)
  const endPage = firstPage + cells * pagesPerCell
  const pages = new Float64Array(shown.length)
  const touched: number[] = []
  let current = -1

  const settle = (): void => {
    if (current < 0) return
    let best = found[current]!
    let least = Infinity
    for (const category of touched) {
      const weight = pages[category]! + (shown[category] ? 0 : 2 ** 50)
      if (weight < least) [best, least] = [category, weight]
      pages[category] = 0
    }
    found[current] = best
    touched.length = 0
  }
  const add = (cell: number, category: number, count: number): void => {
    if (cell !== current) {
      settle()
      current = cell
    }
    if (pages[category] === 0) touched.push(category)
    pages[category]! += count
  }

  const { starts, ends, categories } = marked
  for (let index = marked.reaching(firstPage); index < starts.length && starts[index]! < endPage; index++) {
    const from = Math.max(starts[index]!, firstPage) - firstPage
    const to = Math.min(ends[index]!, endPage) - firstPage
    if (to <= from) continue
    const category = categories[index]!
    const first = Math.floor(from / pagesPerCell)
    const last = Math.floor((to - 1) / pagesPerCell)
    add(first, category, Math.min(to, (first + 1) * pagesPerCell) - from)
    if (last === first) continue
    found.fill(category, first + 1, last)
    add(last, category, to - last * pagesPerCell)
  }
  settle()
  return found
}

const shades = 32
/** by the share of a cell that is used: its root, so that little is told apart from less */
const shadeOf = Uint8Array.from({ length: 256 }, (_, share) => Math.round(Math.sqrt(share / 255) * (shades - 1)))

/** From where a lone page is still seen to the whole colour. */
function shaded(from: number, to: number, shade: number): number {
  const part = 0.28 + (0.72 * shade) / (shades - 1)
  let mixed = 0xff000000
  for (const shift of [0, 8, 16]) {
    const [low, high] = [(from >>> shift) & 255, (to >>> shift) & 255]
    mixed |= Math.round(low + (high - low) * part) << shift
  }
  return mixed >>> 0
}

/** All shades of all categories: category * shades + shade; the dimmed ones in a second half. */
function tableOf({ colours, dimmed }: Tints): Uint32Array {
  const table = new Uint32Array(colours.length * shades * 2)
  for (const [half, tints] of [colours, dimmed].entries()) {
    for (let category = 0; category < colours.length; category++) {
      for (let shade = 0; shade < shades; shade++) {
        table[(half * colours.length + category) * shades + shade] = shaded(tints[FREE]!, tints[category]!, shade)
      }
    }
  }
  return table
}
const tables = new WeakMap<Tints, Uint32Array>()

export interface Painted {
  /** a colour a cell; 0 where there is no page, or nothing is known yet */
  readonly colours: Uint32Array
  /** the two bytes of each cell */
  readonly flags: Uint8Array
}

/** The cells from `first` on at a level, in colour. */
export function paintCells(picture: Picture, level: number, first: number, cells: number): Painted {
  const { tints, allocations, over } = picture
  const { shown } = tints
  const table = tables.get(tints) ?? tableOf(tints)
  tables.set(tints, table)
  const pagesPerCell = 2 ** level
  const flags = picture.flags(level, first, cells)
  const listed = sweep(allocations, shown, first * pagesPerCell, pagesPerCell, cells)
  const marks = over && sweep(over, shown, first * pagesPerCell, pagesPerCell, cells)
  const colours = new Uint32Array(cells)
  const half = tints.colours.length * shades
  for (let cell = 0; cell < cells; cell++) {
    const occurs = flags[cell * 2]!
    if ((occurs & ~cellFlags.absent) === 0) continue
    const share = flags[cell * 2 + 1]!
    const run = listed[cell]!
    const mark = marks ? marks[cell]! : none
    // what is rare or grave comes first; what the filter leaves out comes after all that it shows
    const allocated = occurs & cellFlags.allocated ? (run === none ? UNLISTED : run) : none
    const bad = occurs & cellFlags.bad ? BAD : none
    const metadata = occurs & cellFlags.metadata ? METADATA : none
    const free = occurs & cellFlags.free ? FREE : none
    let category = mark !== none ? mark : bad !== none ? bad : allocated !== none ? allocated : metadata
    if (category === none) category = free
    let dim = 0
    if (!shown[category]) {
      if (bad !== none && shown[bad]) category = bad
      else if (allocated !== none && shown[allocated]) category = allocated
      else if (metadata !== none && shown[metadata]) category = metadata
      else if (free !== none && shown[free]) category = free
      else dim = half
    }
    const whole = mark !== none || pagesPerCell === 1 || category === BAD
    colours[cell] = table[dim + category * shades + (whole ? shades - 1 : shadeOf[share]!)]!
  }
  return { colours, flags }
}
