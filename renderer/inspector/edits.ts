// SPDX-License-Identifier: GPL-2.0-or-later
/** Bytes typed over live memory: an overlay until they are written, with undo and redo across writing. */

export interface Entry {
  /** what stood there when it was typed over */
  readonly before: number
  readonly after: number
}
/** Bytes beside each other, as they were and as they are to be. */
export interface Run {
  readonly offset: number
  readonly before: Uint8Array<ArrayBuffer>
  readonly after: Uint8Array<ArrayBuffer>
}

type Typed = { readonly kind: 'typed'; readonly parts: { offset: number; from?: Entry; to?: Entry }[] }
type Written = { readonly kind: 'written'; readonly runs: readonly Run[] }
export type Step = Typed | Written
/** What has to be written for an undo or a redo; `done` with those that were. */
export interface WriteBack {
  readonly runs: readonly Run[]
  readonly done: (written: readonly Run[]) => void
}

export const reversed = (runs: readonly Run[]): Run[] =>
  runs.map(({ offset, before, after }) => ({ offset, before: after, after: before }))

export class Edits {
  readonly #overlay = new Map<number, Entry>()
  #past: Step[] = []
  #future: Step[] = []

  get count(): number {
    return this.#overlay.size
  }
  get undoable(): Step['kind'] | null {
    return this.#past.at(-1)?.kind ?? null
  }
  get redoable(): Step['kind'] | null {
    return this.#future.at(-1)?.kind ?? null
  }

  at(offset: number): Entry | undefined {
    return this.#overlay.get(offset)
  }

  entries(): [number, Entry][] {
    return [...this.#overlay].sort(([a], [b]) => a - b)
  }

  /** Type bytes; `stands` tells what memory holds. With `joins`, one step with the one before (two digits of a byte). */
  type(offset: number, bytes: Iterable<number>, stands: (offset: number) => number, joins = false): void {
    const parts: Typed['parts'] = []
    let at = offset
    for (const after of bytes) {
      const from = this.#overlay.get(at)
      const before = from?.before ?? stands(at)
      const to = after === before ? undefined : { before, after }
      parts.push({ offset: at, ...(from && { from }), ...(to && { to }) })
      this.#put(at, to)
      at++
    }
    this.#future = []
    const last = this.#past.at(-1)
    if (joins && last?.kind === 'typed') last.parts.push(...parts)
    else this.#past.push({ kind: 'typed', parts })
  }

  #put(offset: number, entry: Entry | undefined): void {
    if (entry) this.#overlay.set(offset, entry)
    else this.#overlay.delete(offset)
  }

  /** Where the step that comes next in a direction begins; null: there is none. */
  placeOf(direction: 'past' | 'future'): number | null {
    const step = (direction === 'past' ? this.#past : this.#future).at(-1)
    if (!step) return null
    return Math.min(...(step.kind === 'typed' ? [step.parts[0]?.offset ?? 0] : step.runs.map(({ offset }) => offset)))
  }

  /** Null when it is done, or nothing is to undo; else what has to be written first. */
  undo(): WriteBack | null {
    const step = this.#past.at(-1)
    if (step?.kind === 'written')
      return { runs: reversed(step.runs), done: (written) => move(step, written, this.#past, this.#future) }
    if (!step) return null
    for (const { offset, from } of step.parts.toReversed()) this.#put(offset, from)
    this.#past.pop()
    this.#future.push(step)
    return null
  }

  redo(): WriteBack | null {
    const step = this.#future.at(-1)
    if (step?.kind === 'written')
      return { runs: step.runs, done: (written) => move(step, written, this.#future, this.#past) }
    if (!step) return null
    for (const { offset, to } of step.parts) this.#put(offset, to)
    this.#future.pop()
    this.#past.push(step)
    return null
  }

  /** What is to be written: bytes beside each other together, cut where `cutAt` says a new one begins, and at `most`. */
  runs(cutAt: (offset: number) => boolean = () => false, most = 1 << 16): Run[] {
    const found: { offset: number; entries: Entry[] }[] = []
    for (const [offset, entry] of this.entries()) {
      const last = found.at(-1)
      if (last && last.offset + last.entries.length === offset && last.entries.length < most && !cutAt(offset))
        last.entries.push(entry)
      else found.push({ offset, entries: [entry] })
    }
    return found.map(({ offset, entries }) => ({
      offset,
      before: Uint8Array.from(entries, ({ before }) => before),
      after: Uint8Array.from(entries, ({ after }) => after)
    }))
  }

  /** These were written: they are no edits any more, and undoing them means writing back. */
  written(runs: readonly Run[]): void {
    if (runs.length === 0) return
    for (const { offset, after } of runs) for (let i = 0; i < after.length; i++) this.#overlay.delete(offset + i)
    this.#past = this.#past.filter(({ kind }) => kind === 'written')
    this.#past.push({ kind: 'written', runs })
    this.#future = []
    this.#asOneStep()
  }

  /** What stands there now is what was shown: edits lie over that from here on. */
  accept(stands: (offset: number) => number): void {
    for (const [offset, { after }] of this.entries()) {
      const before = stands(offset)
      if (before >= 0) this.#put(offset, before === after ? undefined : { before, after })
    }
    this.#past = this.#past.filter(({ kind }) => kind === 'written')
    this.#future = []
    this.#asOneStep()
  }

  #asOneStep(): void {
    const parts = this.entries().map(([offset, to]) => ({ offset, to }))
    if (parts.length > 0) this.#past.push({ kind: 'typed', parts })
  }

  /** Drop what was typed; what was written can still be undone. */
  discard(): void {
    this.#overlay.clear()
    this.#past = this.#past.filter(({ kind }) => kind === 'written')
    this.#future = []
  }
}

/** From the end of one list of steps to the other, as far as it was written. */
function move(step: Written, written: readonly Run[], from: Step[], to: Step[]): void {
  const isDone = ({ offset }: Run): boolean => written.some((run) => run.offset === offset)
  const [done, rest] = [step.runs.filter(isDone), step.runs.filter((run) => !isDone(run))]
  from.pop()
  if (rest.length > 0) from.push({ kind: 'written', runs: rest })
  if (done.length > 0) to.push({ kind: 'written', runs: done })
}
