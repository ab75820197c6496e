// SPDX-License-Identifier: GPL-2.0-or-later

const shortestInterval = 200 // ms
const smoothing = 0.3

/** Bytes a second out of progress reports, smoothed so that a number can be read. */
export class RateMeter {
  #rate: number | null = null
  #lastDone = 0
  #lastTime: number | null = null

  sample(done: number, now: number): number | null {
    if (this.#lastTime === null) {
      this.#lastTime = now
      this.#lastDone = done
      return null
    }
    const elapsed = now - this.#lastTime
    if (elapsed < shortestInterval) return this.#rate
    const current = ((done - this.#lastDone) * 1000) / elapsed
    this.#rate = this.#rate === null ? current : this.#rate + smoothing * (current - this.#rate)
    this.#lastTime = now
    this.#lastDone = done
    return this.#rate
  }
}

/** Milliseconds left, or null when it cannot be told. */
export function timeLeft(done: number, total: number, rate: number | null): number | null {
  return rate !== null && rate > 0 && total > done ? ((total - done) / rate) * 1000 : null
}
