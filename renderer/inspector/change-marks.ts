// SPDX-License-Identifier: GPL-2.0-or-later
/** Which bytes were seen to change, and how long ago. */

export const fadeTime = 6000 // ms
const keptAtMost = 1 << 16

export class ChangeMarks {
  readonly #seen = new Map<number, number>()
  #last = -Infinity

  get count(): number {
    return this.#seen.size
  }

  add(offsets: readonly number[], now: number): void {
    if (offsets.length > 0) this.#last = now
    for (const offset of offsets) {
      this.#seen.delete(offset)
      this.#seen.set(offset, now)
    }
    // in order of time: the oldest come first
    for (const [offset, at] of this.#seen) {
      if (now - at < fadeTime && this.#seen.size <= keptAtMost) break
      this.#seen.delete(offset)
    }
  }

  /** 1: just now, towards 0; 0: not lately. */
  strength(offset: number, now: number): number {
    const at = this.#seen.get(offset)
    return at === undefined ? 0 : Math.max(0, 1 - (now - at) / fadeTime)
  }

  /** Something still fades. */
  active(now: number): boolean {
    return now - this.#last < fadeTime
  }

  clear(): void {
    this.#seen.clear()
    this.#last = -Infinity
  }
}
