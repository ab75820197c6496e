// SPDX-License-Identifier: GPL-2.0-or-later
/** Effective states of pages: the runs that they make, and the figures of these. */
import { states } from './blocks.ts'
import { pageBytes, type Superblock } from './superblock.ts'

/** orphan: continuing pages without a head. */
export type RunKind = 'free' | 'allocation' | 'bad' | 'orphan'

export interface PageRun {
  readonly kind: RunKind
  readonly page: number
  readonly pages: number
}

const kindOf = (state: number | undefined): RunKind =>
  state === states.head ? 'allocation' : state === states.bad ? 'bad' : state === states.continues ? 'orphan' : 'free'

/** The data pages from first to last; a run ends where the next page does not belong to it. */
export function runsOf(pages: Uint8Array, { dataFirst, dataEnd }: Superblock): PageRun[] {
  const runs: PageRun[] = []
  for (let page = dataFirst; page < dataEnd;) {
    const first = pages[page]
    const more = first === states.head ? states.continues : first
    let end = page + 1
    while (end < dataEnd && pages[end] === more) end++
    runs.push({ kind: kindOf(first), page, pages: end - page })
    page = end
  }
  return runs
}

export interface Usage {
  readonly pagesFree: number
  readonly pagesAllocated: number
  readonly pagesBad: number
  readonly pagesMetadata: number
  readonly allocations: number
  readonly largestFreeRun: number
  /** of 2^n pages whose first physical page frame number is a multiple of 2^n; null when nothing is free */
  readonly largestFreeOrder: number | null
}

function holdsOrder(firstPfn: number, pages: number, order: number): boolean {
  const size = 2 ** order
  return Math.ceil(firstPfn / size) * size + size <= firstPfn + pages
}

export function usageOf(runs: readonly PageRun[], superblock: Superblock): Usage {
  const sum = (kinds: readonly RunKind[]): number =>
    runs.filter(({ kind }) => kinds.includes(kind)).reduce((total, { pages }) => total + pages, 0)
  const free = runs.filter(({ kind }) => kind === 'free')
  const basePfn = superblock.physicalBase / pageBytes
  const orders = Array.from({ length: 41 }, (_, order) => order)
  return {
    pagesFree: sum(['free']),
    pagesAllocated: sum(['allocation', 'orphan']),
    pagesBad: sum(['bad']),
    pagesMetadata: superblock.pageCount - (superblock.dataEnd - superblock.dataFirst),
    allocations: runs.filter(({ kind }) => kind === 'allocation').length,
    largestFreeRun: Math.max(0, ...free.map(({ pages }) => pages)),
    largestFreeOrder:
      orders.findLast((order) => free.some(({ page, pages }) => holdsOrder(basePfn + page, pages, order))) ?? null
  }
}
