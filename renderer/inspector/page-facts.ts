// SPDX-License-Identifier: GPL-2.0-or-later
/** States and allocations of the pages around what is in view, read in blocks when they are needed. */
import type { Allocation } from '@api'
import { allocationAt } from '../map/allocations.ts'

export const blockPages = 4096
const keptBlocks = 64

export type PageKind = 'free' | 'metadata' | 'allocated' | 'bad' | 'absent' | 'unknown'

/** What a block is made of: per page the flags of pool/tiles, and the allocations that have pages in it. */
export interface PageBlock {
  readonly flags: Uint8Array
  /** sorted */
  readonly allocations: readonly Allocation[]
}

export interface PageFactsWish {
  /** pages [first, first + blockPages), fewer at the pool's end */
  readonly read: (first: number) => Promise<PageBlock>
  readonly changed: () => void
}

// as cellFlags of main/api/mapMethods.ts
const flags = { metadata: 2, allocated: 4 | 8, bad: 16, absent: 32 } as const

function kindOf(of: number | undefined): PageKind {
  if (of === undefined || of === 0) return 'unknown'
  if (of & flags.absent) return 'absent'
  if (of & flags.bad) return 'bad'
  if (of & flags.metadata) return 'metadata'
  return of & flags.allocated ? 'allocated' : 'free'
}

export class PageFacts {
  readonly #wish: PageFactsWish
  readonly #blocks = new Map<number, PageBlock>()
  readonly #stale = new Set<number>()
  readonly #inFlight = new Set<number>()

  constructor(wish: PageFactsWish) {
    this.#wish = wish
  }

  kindAt(page: number): PageKind {
    const index = Math.floor(page / blockPages)
    return kindOf(this.#blocks.get(index)?.flags[page - index * blockPages])
  }

  allocationAt(page: number): Allocation | null {
    const block = this.#blocks.get(Math.floor(page / blockPages))
    return block ? allocationAt(block.allocations, page) : null
  }

  /** What is known of the page is not from before the last change. */
  isKnown(page: number): boolean {
    const index = Math.floor(page / blockPages)
    return this.#blocks.has(index) && !this.#stale.has(index)
  }

  need(from: number, to: number): void {
    for (let index = Math.floor(from / blockPages); index * blockPages < to; index++) {
      const wanted = !this.#blocks.has(index) || this.#stale.has(index)
      if (wanted && !this.#inFlight.has(index)) void this.#load(index)
    }
  }

  async #load(index: number): Promise<void> {
    this.#inFlight.add(index)
    this.#stale.delete(index)
    try {
      const block = await this.#wish.read(index * blockPages)
      this.#blocks.delete(index)
      this.#blocks.set(index, block)
      for (const oldest of this.#blocks.keys()) {
        if (this.#blocks.size <= keptBlocks) break
        this.#blocks.delete(oldest)
      }
      this.#inFlight.delete(index)
      if (this.#stale.has(index)) void this.#load(index) // the pool changed while it came
    } catch {
      this.#inFlight.delete(index)
      this.#stale.add(index) // the bytes tell why nothing can be read
    }
    this.#wish.changed()
  }

  /** The pool changed: what is needed next is read again; until then what was known is shown. */
  outdate(): void {
    for (const index of [...this.#blocks.keys(), ...this.#inFlight]) this.#stale.add(index)
  }
}
