// SPDX-License-Identifier: GPL-2.0-or-later
/** Page states: two bits each, and the runs that they make. */
import { allZero } from './bytes.ts'
import type { Finding } from './findings.ts'
import { pageBytes, type Section, type Superblock } from './superblock.ts'

export const states = { free: 0, continues: 1, bad: 2, head: 3 } as const

/** orphan: continuing pages without a head. */
export type RunKind = 'free' | 'allocation' | 'bad' | 'orphan'

export interface PageRun {
  readonly kind: RunKind
  readonly page: number
  readonly pages: number
}

/** One byte for each page of the region. */
export function unpackStates(section: Uint8Array, pageCount: number): Uint8Array {
  return Uint8Array.from({ length: pageCount }, (_, page) => ((section[page >> 2] ?? 0) >> (2 * (page & 3))) & 3)
}

/** Metadata pages, the pages past the end in the last word, and the unused rest of the section. */
export function checkMetadata(section: Uint8Array, superblock: Superblock): Finding[] {
  const { pageCount, dataFirst, dataEnd } = superblock
  const heads = new Set([0, dataEnd, ...superblock.sections.map(({ offset }: Section) => offset / pageBytes)])
  const found = unpackStates(section, Math.ceil(pageCount / 32) * 32)
  const findings: Finding[] = []
  const must = (page: number, state: number): void => {
    if (found[page] !== state) findings.push({ code: 'metadata-state', where: `page ${page}` })
  }
  for (let page = 0; page < dataFirst; page++) must(page, heads.has(page) ? states.head : states.continues)
  must(dataEnd, states.head)
  for (let page = pageCount; page < found.length; page++) must(page, states.bad)
  if (!allZero(section.subarray(found.length / 4))) findings.push({ code: 'states-rest', where: 'page states' })
  return findings
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
