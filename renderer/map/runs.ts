// SPDX-License-Identifier: GPL-2.0-or-later
/** Runs of pages, sorted, in typed arrays: a hundred thousand of them are searched and swept within a frame. */

export interface Run {
  readonly page: number
  readonly pages: number
}

export class Runs<R extends Run = Run> {
  readonly list: readonly R[]
  readonly starts: Float64Array
  /** one past the last page of each */
  readonly ends: Float64Array

  /** `list` is sorted by page. */
  constructor(list: readonly R[]) {
    this.list = list
    this.starts = new Float64Array(list.length)
    this.ends = new Float64Array(list.length)
    for (let index = 0; index < list.length; index++) {
      const { page, pages } = list[index]!
      this.starts[index] = page
      this.ends[index] = page + pages
    }
  }

  get length(): number {
    return this.list.length
  }

  /** Index of the first run that begins at the page or after it. */
  from(page: number): number {
    let low = 0
    let high = this.starts.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.starts[middle]! < page) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Index of the first run that has a page at this one or after it. */
  reaching(page: number): number {
    const index = this.from(page)
    return index > 0 && this.ends[index - 1]! > page ? index - 1 : index
  }

  at(page: number): R | null {
    const index = this.from(page + 1) - 1
    return index >= 0 && page < this.ends[index]! ? this.list[index]! : null
  }

  /** The run that begins inside [from, to), for a cell of several pages; else one that reaches into it. */
  inside(from: number, to: number): R | null {
    const index = this.from(from)
    return index < this.length && this.starts[index]! < to ? this.list[index]! : this.at(from)
  }

  /** How many have a page in [from, to). */
  count(from: number, to: number): number {
    return Math.max(0, this.from(to) - this.reaching(from))
  }
}
