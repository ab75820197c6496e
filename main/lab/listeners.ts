// SPDX-License-Identifier: GPL-2.0-or-later
/** Who wants to know. A listener that throws is a defect and surfaces as one. */
export class Listeners<T> {
  readonly #all = new Set<(value: T) => void>()

  /** Answers the function that stops listening. */
  add(listener: (value: T) => void): () => void {
    this.#all.add(listener)
    return () => void this.#all.delete(listener)
  }

  tell(value: T): void {
    for (const listener of [...this.#all]) listener(value)
  }
}
