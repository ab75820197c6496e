// SPDX-License-Identifier: GPL-2.0-or-later
/** Live memory as it is shown: what was read, what was typed over it, what changed lately. Knows no page. */
import { BytesCache, notRead, type ReadBytes } from './bytes-cache.ts'
import { ChangeMarks } from './change-marks.ts'
import type { Edits } from './edits.ts'
import type { PoolSpace } from './space.ts'

export interface DocumentWish {
  readonly space: () => PoolSpace
  readonly read: ReadBytes
  readonly edits: Edits
  readonly changed: () => void
  /** milliseconds, of a clock that only goes forward */
  readonly now: () => number
}

export class HexDocument {
  readonly cache: BytesCache
  readonly marks = new ChangeMarks()
  readonly edits: Edits
  readonly #wish: DocumentWish

  constructor(wish: DocumentWish) {
    this.#wish = wish
    this.edits = wish.edits
    this.cache = new BytesCache({
      read: wish.read,
      readable: (from, to) => wish.space().readable(from, to),
      changed: wish.changed
    })
  }

  /** What is shown: typed over, or as it stands; negative as in BytesCache. */
  at(offset: number): number {
    return this.edits.at(offset)?.after ?? this.cache.at(offset)
  }

  /** Bytes as they are shown, up to the first that is not known. */
  known(from: number, most: number): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(most)
    for (let i = 0; i < most; i++) {
      const byte = this.at(from + i)
      if (byte < 0) return bytes.slice(0, i)
      bytes[i] = byte
    }
    return bytes
  }

  /** Read a range again and mark what is another byte now. */
  async refresh(from: number, to: number): Promise<void> {
    const changed = await this.cache.refresh(from, to)
    this.marks.add(changed, this.#wish.now())
    if (changed.length > 0) this.#wish.changed()
  }

  /** Edits over bytes that are no more what they were when they were typed over. */
  conflicts(): { offset: number; before: number; stands: number; after: number }[] {
    if (this.edits.count === 0) return []
    return this.edits.entries().flatMap(([offset, { before, after }]) => {
      const stands = this.cache.at(offset)
      return stands === notRead || stands === before ? [] : [{ offset, before, stands, after }]
    })
  }
}
