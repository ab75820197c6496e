// SPDX-License-Identifier: GPL-2.0-or-later
/** The directory of a region: its parts, what stands in them, and whether that goes together. */
import { blockCodes, states, type BlocksRead } from './blocks.ts'
import type { Finding, FindingCode } from './findings.ts'
import type { PageRun } from './pages.ts'
import { inData, isMember, parseSlot, recordBytes, type FreeSlot, type RegionRecord } from './records.ts'
import { blockPages, pageBytes, type Superblock } from './superblock.ts'

const unsettledLimit = 64
const partsMax = 1024
const partPagesMax = 1024

export interface DirectoryRead {
  readonly slots: number
  /** those in use that hold together by themselves */
  readonly records: readonly RegionRecord[]
  readonly findings: readonly Finding[]
}

/** Slot 0 of each part may tell of the next; no part may be told of twice. */
export function readDirectory(region: Uint8Array, section: Uint8Array, superblock: Superblock): DirectoryRead {
  const records: RegionRecord[] = []
  const findings: Finding[] = []
  const seen = new Set<number>()
  let slots = 0
  for (let part: Uint8Array | undefined = section; part;) {
    const count = part.length / recordBytes
    const read = Array.from({ length: count }, (_, nth) =>
      parseSlot(part?.subarray(nth * recordBytes, (nth + 1) * recordBytes) ?? new Uint8Array(), slots + nth)
    )
    for (const [nth, one] of read.entries()) {
      if ('code' in one) findings.push(one)
      else if (one.state !== 'free' && (one.kind === 'directory') !== (nth === 0))
        findings.push({ code: 'record-kind', where: `record ${one.slot}` })
      else if (one.state !== 'free') records.push(one)
    }
    slots += count
    part = nextPart(region, read[0], superblock, seen)
    if (seen.size >= partsMax) findings.push({ code: 'directory-endless', where: 'directory' })
  }
  return { slots, records, findings }
}

function nextPart(
  region: Uint8Array,
  first: RegionRecord | FreeSlot | Finding | undefined,
  superblock: Superblock,
  seen: Set<number>
): Uint8Array | undefined {
  if (!first || 'code' in first || first.state !== 'live' || first.kind !== 'directory') return undefined
  if (!inData(first, superblock) || first.pages > partPagesMax || seen.has(first.page)) return undefined
  if (seen.size >= partsMax) return undefined
  seen.add(first.page)
  return region.subarray(first.page * pageBytes, (first.page + first.pages) * pageBytes)
}

export const standsAt = (runs: readonly PageRun[], { page, pages }: RegionRecord): boolean =>
  runs.some((run) => run.kind === 'allocation' && run.page === page && run.pages === pages)

/** A quarantine: each page bad, by the page's own state. */
function isFenced({ blocks, own }: BlocksRead, { page, pages }: RegionRecord): boolean {
  for (let one = page; one < page + pages; one++)
    if (own[one] !== states.bad || blocks[Math.floor(one / blockPages)]?.code !== blockCodes.split) return false
  return true
}

/** Live records that another live one has taken over. */
export const replaced = (records: readonly RegionRecord[]): RegionRecord[] =>
  records.filter((old) => records.some((record) => takesOver(record, old)))

const takesOver = (record: RegionRecord, old: RegionRecord): boolean =>
  record.state === 'live' &&
  old.state === 'live' &&
  record.kind === 'allocation' &&
  old.kind === 'allocation' &&
  record.replaces === old.id &&
  record.page === old.page &&
  record.pages === old.pages &&
  record !== old

/** Holds the records in use against the pages and each other. */
export function checkRecords(
  records: readonly RegionRecord[],
  runs: readonly PageRun[],
  blocks: BlocksRead,
  superblock: Superblock
): Finding[] {
  const findings: Finding[] = []
  const say = (code: FindingCode, { slot }: RegionRecord): number => findings.push({ code, where: `record ${slot}` })
  const old = replaced(records)
  const holding = records.filter((record) => record.state === 'live' && !old.includes(record))
  for (const record of records) {
    if (record.state === 'pending') say('record-pending', record)
    if (record.state === 'leaving') say('record-leaving', record)
    if (record.kind === 'member' && superblock.regionIndex !== 0) say('record-kind', record)
    else if (record.kind === 'member' ? !isMember(record) : !inData(record, superblock)) say('record-range', record)
    else if (record.kind === 'directory' && record.state === 'live' && record.pages > partPagesMax)
      say('record-range', record)
    else if (record.kind === 'member' && record.state === 'leaving') say('record-state', record)
    else if (record.kind === 'member') continue
    else if (record.state === 'live' && record.kind === 'quarantine' && !isFenced(blocks, record))
      say('quarantine-open', record)
    else if (record.state === 'live' && record.kind !== 'quarantine' && !standsAt(runs, record))
      say('record-without-head', record)
  }
  for (const record of old) say('record-replaced', record)
  findings.push(...checkAlike(holding, superblock))
  if (records.filter(({ state }) => state !== 'live').length > unsettledLimit)
    findings.push({ code: 'records-unsettled', where: 'records' })
  return findings
}

/** Names and first pages of the records that hold, of which no two may be alike, and the sum of their pages. */
function checkAlike(holding: readonly RegionRecord[], { dataFirst, dataEnd }: Superblock): Finding[] {
  const findings: Finding[] = []
  const names = new Set<string>()
  const first = new Set<number>()
  const fenced = new Set<number>()
  let sum = 0
  for (const { kind, name, page, pages, slot } of holding) {
    const where = `record ${slot}`
    if (kind === 'member') continue
    if (kind === 'allocation' && names.has(name)) findings.push({ code: 'record-name-twice', where })
    if (first.has(page)) findings.push({ code: 'record-page-twice', where })
    for (let one = page; kind === 'quarantine' && one < Math.min(page + pages, dataEnd); one++) {
      if (fenced.has(one)) findings.push({ code: 'records-overlap', where })
      fenced.add(one)
    }
    names.add(name)
    first.add(page)
    sum += pages
  }
  if (sum > dataEnd - dataFirst) findings.push({ code: 'records-overlap', where: 'records' })
  return findings
}
