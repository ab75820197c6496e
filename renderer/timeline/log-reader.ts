// SPDX-License-Identifier: GPL-2.0-or-later
/** Reads a pool's event log from its end: the newest entries first, then older ones, several parts at once. */
import type { LogEntry } from '@api'
import type { Request } from '../stores/pool-reads.ts'

export interface LogKey {
  readonly host: string
  readonly pool: string
}

/** entries to a request: the most that log/list answers */
const part = 1000
/** requests under way; what they bring is shown together */
const atOnce = 5

export class LogReader {
  readonly #request: Request
  readonly #key: LogKey
  readonly #put: (events: readonly LogEntry[]) => void
  #events: readonly LogEntry[] = []
  /** `before` of what is not read yet; undefined: nothing is read, null: all is */
  #older: number | null | undefined
  #stopped = false

  /** @param put what is read so far, oldest first */
  constructor(request: Request, key: LogKey, put: (events: readonly LogEntry[]) => void) {
    this.#request = request
    this.#key = key
    this.#put = put
  }

  get complete(): boolean {
    return this.#older === null
  }

  stop(): void {
    this.#stopped = true
  }

  /** What came since the last time, then what is older and was not read. It goes on where it was broken off. */
  async read(): Promise<void> {
    if (this.#older === undefined) {
      const { entries, next } = await this.#list({})
      this.#show(entries.toReversed())
      this.#older = next
    } else await this.#readNewer()
    while (typeof this.#older === 'number' && !this.#stopped) this.#older = await this.#readOlder(this.#older)
  }

  #list(span: { before?: number; after?: number }): Promise<{ entries: LogEntry[]; next: number | null }> {
    return this.#request('log/list', { ...this.#key, limit: part, ...span })
  }

  #show(events: readonly LogEntry[]): void {
    if (this.#stopped) return
    this.#events = events
    this.#put(events)
  }

  async #readNewer(): Promise<void> {
    const after = this.#events.at(-1)?.sequence ?? 0
    const added: LogEntry[] = []
    for (let before: number | null | undefined; before !== null && !this.#stopped;) {
      const answer: { entries: LogEntry[]; next: number | null } = await this.#list({
        after,
        ...(before !== undefined && { before })
      })
      added.push(...answer.entries)
      before = answer.next
    }
    if (added.length > 0) this.#show([...this.#events, ...added.reverse()])
  }

  /** Parts of `part` sequence numbers each below `before`; `before` of the next ones. */
  async #readOlder(before: number): Promise<number | null> {
    const starts = Array.from({ length: atOnce }, (_, index) => before - index * part).filter((start) => start > 1)
    const answers = await Promise.all(starts.map((start) => this.#list({ before: start })))
    const last = answers.length - 1
    // an entry that cannot be read is left out: an answer may then reach into the next part, the last one beyond all
    const added = answers.flatMap(({ entries }, index) =>
      entries.filter(({ sequence }) => index === last || sequence >= starts[index]! - part)
    )
    this.#show([...added.reverse(), ...this.#events])
    return answers[last]?.next ?? null
  }
}
