// SPDX-License-Identifier: GPL-2.0-or-later
/** One after the other: an act that uses all processors gains nothing from a second one beside it. */
import { cancelled } from '../api/failure.ts'

export class Turns {
  #last: Promise<unknown> = Promise.resolve()

  /** Who is cancelled while waiting never begins; who has begun sees to the signal itself. */
  take<T>(signal: AbortSignal, act: () => Promise<T>): Promise<T> {
    return new Promise((settle, refuse) => {
      const giveUp = (): void => refuse(cancelled())
      signal.addEventListener('abort', giveUp)
      this.#last = this.#last.then(async () => {
        signal.removeEventListener('abort', giveUp)
        if (signal.aborted) return giveUp()
        await act().then(settle, refuse)
      })
    })
  }
}
