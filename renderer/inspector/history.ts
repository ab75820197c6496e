// SPDX-License-Identifier: GPL-2.0-or-later
/** Places that were left by a jump, back and forward. */

const keptAtMost = 200

export class PlaceHistory {
  #back: number[] = []
  #forward: number[] = []

  get canGoBack(): boolean {
    return this.#back.length > 0
  }
  get canGoForward(): boolean {
    return this.#forward.length > 0
  }

  /** Before a jump away from a place. */
  leave(place: number): void {
    if (this.#back.at(-1) !== place) this.#back.push(place)
    if (this.#back.length > keptAtMost) this.#back.shift()
    this.#forward = []
  }

  back(from: number): number | null {
    const place = this.#back.pop()
    if (place === undefined) return null
    this.#forward.push(from)
    return place
  }

  forward(from: number): number | null {
    const place = this.#forward.pop()
    if (place === undefined) return null
    this.#back.push(from)
    return place
  }
}
