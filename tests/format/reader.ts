// SPDX-License-Identifier: GPL-2.0-or-later
/**
 * A second reader of the region format, written from docs/format.md alone: it shares nothing with the native one, so
 * that the two can be held against each other. It reads, and never writes.
 */
import { isFatal, type Finding } from './findings.ts'
import { readLog, type LogRead } from './log.ts'
import { checkMetadata, runsOf, states, unpackStates, usageOf, type PageRun, type Usage } from './pages.ts'
import { checkRecords, readRecords, standsAt, type RegionRecord } from './records.ts'
import { chooseCopy, judgeCopies, sectionTypes, type Copy, type Superblock } from './superblock.ts'

export type Answer = 'no-pool' | 'format-newer' | 'corrupt' | 'moved' | 'read-only' | 'attach'

/** What attach finds undone, and does. */
export interface Recovery {
  readonly runsTakenBack: number
  readonly pagesTakenBack: number
  readonly recordsFinished: number
  readonly recordsDropped: number
}

/** Records, pages and figures; as they stand, or as they are after attach has mended them. */
export interface Books {
  readonly runs: readonly PageRun[]
  readonly live: readonly RegionRecord[]
  readonly usage: Usage
}

export interface PoolRead {
  readonly superblock: Superblock
  readonly records: readonly RegionRecord[]
  readonly recordSlots: number
  readonly log: LogRead
  readonly now: Books
  readonly recovery: Recovery
  readonly recovered: Books
}

export interface RegionRead {
  readonly answer: Answer
  readonly copies: readonly [Copy, Copy]
  readonly findings: readonly Finding[]
  /** null when the answer is one that lets nothing be read */
  readonly pool: PoolRead | null
}

const isLive = ({ state }: RegionRecord): boolean => state === 'live'

function booksOf(pages: Uint8Array, live: readonly RegionRecord[], superblock: Superblock): Books {
  const runs = runsOf(pages, superblock)
  return { runs, live, usage: usageOf(runs, superblock) }
}

/** Finishes or drops what is pending or leaving, then takes back pages without a head; on a copy. */
function recover(
  before: Uint8Array,
  records: readonly RegionRecord[],
  superblock: Superblock
): { recovery: Recovery; books: Books } {
  const pages = before.slice()
  const live = records.filter(isLive)
  let finished = 0
  let dropped = 0
  for (const record of records) {
    const stands = standsAt(runsOf(pages, superblock), record)
    const ownsPage = !live.some(({ page }) => page === record.page)
    if (record.state === 'leaving') {
      if (stands && ownsPage) pages.fill(states.free, record.page, record.page + record.pages)
      finished++
    } else if (record.state === 'pending' && stands && ownsPage && !live.some(({ name }) => name === record.name)) {
      live.push(record)
      finished++
    } else if (record.state === 'pending') dropped++
  }
  const orphans = runsOf(pages, superblock).filter(({ kind }) => kind === 'orphan')
  for (const { page, pages: count } of orphans) pages.fill(states.free, page, page + count)
  return {
    recovery: {
      runsTakenBack: orphans.length,
      pagesTakenBack: orphans.reduce((sum, run) => sum + run.pages, 0),
      recordsFinished: finished,
      recordsDropped: dropped
    },
    books: booksOf(pages, live, superblock)
  }
}

function readPool(region: Uint8Array, superblock: Superblock): { pool: PoolRead; findings: Finding[] } {
  const section = (type: number): Uint8Array => {
    const { offset, bytes } = superblock.sections.find((one) => one.type === type) ?? { offset: 0, bytes: 0 }
    return region.subarray(offset, offset + bytes)
  }
  const words = section(sectionTypes.states)
  const pages = unpackStates(words, superblock.pageCount)
  const { records, slots, findings } = readRecords(section(sectionTypes.records))
  const now = booksOf(pages, records.filter(isLive), superblock)
  const log = readLog(section(sectionTypes.log))
  const { recovery, books } = recover(pages, records, superblock)
  const orphans = now.runs.filter(({ kind }) => kind === 'orphan')
  return {
    pool: { superblock, records, recordSlots: slots, log, now, recovery, recovered: books },
    findings: [
      ...checkMetadata(words, superblock),
      ...findings,
      ...checkRecords(records, now.runs, superblock),
      ...orphans.map(({ page }): Finding => ({ code: 'orphan-run', where: `page ${page}` })),
      ...log.findings
    ]
  }
}

/** What the two copies alone decide; undefined when the chosen one may be followed. */
function refused(copies: readonly [Copy, Copy], chosen: Copy | undefined): Answer | undefined {
  const some = (state: Copy['state']): boolean => copies.some((copy) => copy.state === state)
  if (some('newer')) return 'format-newer'
  if (chosen) return undefined
  if (some('newer-damaged')) return 'format-newer'
  return some('damaged') ? 'corrupt' : 'no-pool'
}

function flagFindings(copies: readonly [Copy, Copy], chosen: Copy, superblock: Superblock): Finding[] {
  const where = `superblock ${chosen.at}`
  const found: Finding[] = []
  for (const copy of copies)
    if (copy.state === 'good' && copy !== chosen && copy.superblock?.sequence !== superblock.sequence)
      found.push({ code: 'superblock-stale', where: `superblock ${copy.at}` })
  if (superblock.compat !== 0n) found.push({ code: 'compat-flags', where })
  if (superblock.roCompat !== 0n) found.push({ code: 'ro-compat-flags', where })
  return found
}

/** @param physicalBase where the region is now, in bytes; undefined when that is not known, as in an image */
export function readRegion(region: Uint8Array, physicalBase?: number): RegionRead {
  const copies = judgeCopies(region)
  const chosen = chooseCopy(copies)
  const findings = copies.flatMap((copy) => copy.findings)
  const answer = refused(copies, chosen)
  const superblock = chosen?.superblock
  if (answer || !chosen || !superblock) return { answer: answer ?? 'no-pool', copies, findings, pool: null }
  findings.push(...flagFindings(copies, chosen, superblock))
  const moved = physicalBase !== undefined && physicalBase !== superblock.physicalBase
  if (moved || superblock.regionBytes > region.length) return { answer: 'moved', copies, findings, pool: null }
  const read = readPool(region, superblock)
  findings.push(...read.findings)
  const holds = superblock.roCompat !== 0n ? 'read-only' : 'attach'
  return { answer: read.findings.some(isFatal) ? 'corrupt' : holds, copies, findings, pool: read.pool }
}
