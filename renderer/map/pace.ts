// SPDX-License-Identifier: GPL-2.0-or-later

/** Work that need not be done in every frame: at once after a pause, else at most every so many milliseconds. */
export class Pace {
  readonly #milliseconds: number
  readonly #later: () => void
  #last = -Infinity
  #timer: ReturnType<typeof setTimeout> | undefined

  /** `later` is called when what was not due has become so. */
  constructor(milliseconds: number, later: () => void) {
    this.#milliseconds = milliseconds
    this.#later = later
  }

  /** True: do it now. */
  due(): boolean {
    const now = performance.now()
    const wait = this.#last + this.#milliseconds - now
    if (wait <= 0) {
      this.end()
      this.#last = now
      return true
    }
    this.#timer ??= setTimeout(() => {
      this.end()
      this.#last = -Infinity
      this.#later()
    }, wait)
    return false
  }

  end(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }
}
