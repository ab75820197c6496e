// SPDX-License-Identifier: GPL-2.0-or-later
/** Where lanes and items stand in the picture, in CSS pixels, and what is under a point. */
import { endOf, rowsOf, type Lane, type MapItem } from './items.ts'
import type { Kind } from './kinds.ts'
import { xOf, type Lens } from './lens.ts'

export const rulerHeight = 22
export const rowHeight = 17
export const laneGap = 5
/** narrower items are drawn this wide, so that none is lost */
const narrowest = 2
const differenceWidth = 4
/** how far beside an item a pointer still means it */
const slack = 3

export interface LaneBox {
  readonly lane: Lane
  readonly top: number
  readonly rows: number
}

export interface Picture {
  readonly lanes: readonly LaneBox[]
  readonly height: number
}

export function pictureOf(items: readonly MapItem[]): Picture {
  let top = rulerHeight
  const lanes = rowsOf(items).map(({ lane, rows }) => {
    const box = { lane, top, rows }
    top += rows * rowHeight + laneGap
    return box
  })
  return { lanes, height: top }
}

export interface Box {
  readonly x: number
  readonly width: number
  readonly y: number
}

/** Null when it is out of view, or its lane is not there. */
export function boxOf(item: MapItem, picture: Picture, lens: Lens): Box | null {
  const lane = picture.lanes.find((each) => each.lane === item.lane)
  if (!lane) return null
  const [left, right] = [xOf(lens, item.base), xOf(lens, endOf(item))]
  const width = Math.max(right - left, item.kind === 'difference' ? differenceWidth : narrowest)
  if (left + width < 0 || left > lens.width) return null
  return { x: left, width, y: lane.top + item.row * rowHeight }
}

export interface Shown {
  readonly items: readonly MapItem[]
  readonly hidden: ReadonlySet<Kind>
  readonly picture: Picture
  readonly lens: Lens
}

/** The item under a point; of several the narrowest, and one that is hit before one that is near. */
export function itemAt({ items, hidden, picture, lens }: Shown, x: number, y: number): MapItem | null {
  const lane = picture.lanes.find(({ top, rows }) => y >= top && y < top + rows * rowHeight)
  if (!lane) return null
  const row = Math.floor((y - lane.top) / rowHeight)
  let found: MapItem | null = null
  let least = Infinity
  for (const item of items) {
    if (item.lane !== lane.lane || item.row !== row || hidden.has(item.kind)) continue
    const box = boxOf(item, picture, lens)
    if (!box) continue
    const off = Math.max(box.x - x, x - (box.x + box.width), 0)
    const worth = off === 0 ? box.width : 1e6 + off
    if (off > slack || worth >= least) continue
    found = item
    least = worth
  }
  return found
}

/** Its neighbour on the same lane by address; `step` 1 or -1. */
export function neighbourOf(items: readonly MapItem[], item: MapItem, step: 1 | -1): MapItem | null {
  const lane = items.filter((each) => each.lane === item.lane).toSorted((a, b) => a.base - b.base || a.row - b.row)
  return lane[lane.findIndex(({ id }) => id === item.id) + step] ?? null
}

/** The next item above (-1) or below (1) at an address inside it, whatever its lane. */
export function verticalOf({ items, hidden, picture }: Shown, item: MapItem, step: 1 | -1, at: number): MapItem | null {
  const rank = ({ lane, row }: MapItem): number => {
    const box = picture.lanes.find((each) => each.lane === lane)
    return box ? box.top + row * rowHeight : -1
  }
  const covers = items
    .filter((each) => each.id === item.id || (!hidden.has(each.kind) && each.base <= at && endOf(each) > at))
    .toSorted((a, b) => rank(a) - rank(b))
  return covers[covers.findIndex(({ id }) => id === item.id) + step] ?? null
}
