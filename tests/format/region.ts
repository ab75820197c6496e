// SPDX-License-Identifier: GPL-2.0-or-later
/** One region, by itself. */
import { checkContinues, checkMetadata, effectiveStates, readBlocks } from './blocks.ts'
import { viewOf } from './bytes.ts'
import { chooseCopy, isMended, judgeCopies, type Copy } from './copies.ts'
import { checkRecords, readDirectory } from './directory.ts'
import { isFatal, type Finding } from './findings.ts'
import { readLog, type LogRead } from './log.ts'
import { runsOf, type PageRun } from './pages.ts'
import type { RegionRecord } from './records.ts'
import { recover, type Recovery } from './recover.ts'
import { sectionTypes, type Superblock } from './superblock.ts'

/** What attach says of a region. */
export type RegionAnswer = 'no-pool' | 'format-newer' | 'format-older' | 'corrupt' | 'moved' | 'read-only' | 'attach'

const busyMark = 0x5942_5553_5942_5553n

/** Records and pages; as they stand, or as they are after attach has mended them. */
export interface Books {
  readonly runs: readonly PageRun[]
  readonly live: readonly RegionRecord[]
}

export interface RegionBody {
  readonly superblock: Superblock
  readonly busy: boolean
  readonly records: readonly RegionRecord[]
  readonly recordSlots: number
  /** region 0 only */
  readonly log: LogRead | null
  /** effective states, a byte for each page */
  readonly pages: Uint8Array
  readonly now: Books
  readonly recovery: Recovery & { readonly superblockMended: boolean }
  readonly recovered: Books
}

export interface RegionRead {
  readonly answer: RegionAnswer
  readonly copies: readonly [Copy, Copy]
  readonly findings: readonly Finding[]
  /** the copy that holds; null when none does, or when a newer format forbids to look */
  readonly superblock: Superblock | null
  /** null when the answer is one that lets nothing be read */
  readonly body: RegionBody | null
}

function sectionOf(region: Uint8Array, { sections }: Superblock, wanted: number): Uint8Array {
  const { offset, bytes } = sections.find(({ type }) => type === wanted) ?? { offset: 0, bytes: 0 }
  return region.subarray(offset, offset + bytes)
}

/** Pages of no run and no quarantine: what recovery would take back, or what nobody may take. */
function leftovers(runs: readonly PageRun[], records: readonly RegionRecord[], busy: boolean): Finding[] {
  const of = records.filter(({ kind }) => kind !== 'member')
  const covers = ({ page, pages }: RegionRecord, one: number): boolean => one >= page && one < page + pages
  const quarantined = (one: number): boolean =>
    of.some((record) => record.kind === 'quarantine' && record.state === 'live' && covers(record, one))
  const explained = (one: number): boolean =>
    busy || of.some((record) => record.state !== 'live' && covers(record, one))
  return runs.flatMap(({ kind, page, pages }): Finding[] => {
    const all = Array.from({ length: pages }, (_, nth) => page + nth)
    const nobodys = kind === 'orphan' ? all : kind === 'bad' ? all.filter((one) => !quarantined(one)) : []
    if (nobodys.length === 0) return []
    const code = nobodys.every(explained) ? (kind === 'bad' ? 'fence' : 'orphan-run') : 'page-nobodys'
    return [{ code, where: `page ${page}` }]
  })
}

function readBody(
  region: Uint8Array,
  superblock: Superblock,
  superblockMended: boolean
): { body: RegionBody; findings: Finding[] } {
  const section = (type: number): Uint8Array => sectionOf(region, superblock, type)
  const busy = viewOf(section(sectionTypes.shared)).getBigUint64(0, true) === busyMark
  const blocks = readBlocks(section(sectionTypes.blocks), section(sectionTypes.states), superblock, busy)
  const pages = effectiveStates(blocks)
  const runs = runsOf(pages, superblock)
  const { records, slots, findings } = readDirectory(region, section(sectionTypes.records), superblock)
  const live = records.filter(({ state }) => state === 'live')
  const log = superblock.regionIndex === 0 ? readLog(section(sectionTypes.log)) : null
  const after = recover(blocks, pages, records, superblock)
  return {
    body: {
      superblock,
      busy,
      records,
      recordSlots: slots,
      log,
      pages,
      now: { runs, live },
      recovery: { ...after.recovery, superblockMended },
      recovered: { runs: runsOf(after.pages, superblock), live: after.live }
    },
    findings: [
      ...blocks.findings,
      ...checkMetadata(blocks, pages, superblock),
      ...(busy ? [] : checkContinues(blocks, pages, superblock.dataFirst)),
      ...findings,
      ...checkRecords(records, runs, blocks, superblock),
      ...leftovers(runs, records, busy),
      ...(log?.findings ?? [])
    ]
  }
}

/** What the two copies alone decide; undefined when the chosen one may be followed. */
function refused(copies: readonly [Copy, Copy], chosen: Copy | undefined): RegionAnswer | undefined {
  const some = (state: Copy['state']): boolean => copies.some((copy) => copy.state === state)
  if (some('newer')) return 'format-newer'
  if (chosen) return undefined
  if (some('newer-damaged')) return 'format-newer'
  if (some('older')) return 'format-older'
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
  if (answer || !chosen || !superblock)
    return { answer: answer ?? 'no-pool', copies, findings, superblock: null, body: null }
  findings.push(...flagFindings(copies, chosen, superblock))
  const moved = physicalBase !== undefined && physicalBase !== superblock.physicalBase
  if (moved || superblock.regionBytes > region.length)
    return { answer: 'moved', copies, findings, superblock, body: null }
  const read = readBody(region, superblock, isMended(copies, chosen))
  findings.push(...read.findings)
  const holds = superblock.roCompat !== 0n ? 'read-only' : 'attach'
  return { answer: read.findings.some(isFatal) ? 'corrupt' : holds, copies, findings, superblock, body: read.body }
}
