// SPDX-License-Identifier: GPL-2.0-or-later
/** A scroll position among up to 2^41 rows: a whole row and pixels into it, so that nothing is lost to rounding. */

export interface ScrollPlace {
  /** the first row in view, whole */
  readonly row: number
  /** of it that are above the view, below the height of a row */
  readonly pixel: number
}

export interface ScrollSize {
  readonly rows: number
  readonly rowHeight: number
  /** of the view, pixels */
  readonly height: number
}

/** Rows that are wholly in view. */
export const wholeRows = ({ rowHeight, height }: ScrollSize): number => Math.max(1, Math.floor(height / rowHeight))

/** The last row is wholly in view at the end. */
export function lastPlace(size: ScrollSize): ScrollPlace {
  return { row: Math.max(0, size.rows - wholeRows(size)), pixel: 0 }
}

export function clampPlace(place: ScrollPlace, size: ScrollSize): ScrollPlace {
  const last = lastPlace(size)
  if (place.row < 0) return { row: 0, pixel: 0 }
  return place.row > last.row || (place.row === last.row && place.pixel > 0) ? last : place
}

export function scrolledBy(place: ScrollPlace, pixels: number, size: ScrollSize): ScrollPlace {
  const total = place.pixel + pixels
  const rows = Math.floor(total / size.rowHeight)
  return clampPlace({ row: place.row + rows, pixel: Math.round(total - rows * size.rowHeight) % size.rowHeight }, size)
}

export const atRow = (row: number, size: ScrollSize): ScrollPlace =>
  clampPlace({ row: Math.floor(row), pixel: 0 }, size)

/** Moved as little as makes a row wholly visible; a row far away comes a third from the top. */
export function revealing(place: ScrollPlace, row: number, size: ScrollSize): ScrollPlace {
  const whole = wholeRows(size)
  if (row < place.row - whole || row > place.row + 2 * whole) return atRow(row - Math.floor(whole / 3), size)
  if (row < place.row || (row === place.row && place.pixel > 0)) return atRow(row, size)
  const fits = Math.floor((size.height + place.pixel) / size.rowHeight)
  return row >= place.row + fits ? atRow(row - whole + 1, size) : place
}

/** 0 at the start, 1 at the end. */
export function fractionOf(place: ScrollPlace, size: ScrollSize): number {
  const last = lastPlace(size).row
  return last === 0 ? 0 : Math.min(1, place.row / last)
}

export const atFraction = (fraction: number, size: ScrollSize): ScrollPlace =>
  atRow(Math.max(0, Math.min(1, fraction)) * lastPlace(size).row, size)
