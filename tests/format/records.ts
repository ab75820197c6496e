// SPDX-License-Identifier: GPL-2.0-or-later
/** Records of named allocations. */
import { beyondCounting, count64, crc32c, exact64, fieldName, fieldText, uuidText, viewOf } from './bytes.ts'
import type { Finding, FindingCode } from './findings.ts'
import type { PageRun } from './pages.ts'
import type { Superblock } from './superblock.ts'

export const recordBytes = 256
const unsettledLimit = 64
const stateNames = ['free', 'pending', 'live', 'leaving'] as const

export type RecordState = (typeof stateNames)[number]

export interface RegionRecord {
  readonly slot: number
  readonly state: RecordState
  readonly id: bigint
  /** page index of the head */
  readonly page: number
  readonly pages: number
  readonly createdNs: bigint
  readonly bootId: string
  readonly name: string
  readonly owner: string
  readonly purpose: string
}

function parseSlot(bytes: Uint8Array, slot: number): RegionRecord | Finding {
  const view = viewOf(bytes)
  const where = `record ${slot}`
  const state = stateNames[count64(view, 0)]
  if (state === undefined) return { code: 'record-state', where }
  const name = fieldName(bytes.subarray(64, 128))
  const owner = fieldText(bytes.subarray(128, 160))
  const purpose = fieldText(bytes.subarray(160, 224))
  if (state !== 'free') {
    if (view.getUint32(8, true) !== crc32c(bytes.subarray(12))) return { code: 'record-crc', where }
    if (name === null || owner === null || purpose === null) return { code: 'record-text', where }
    if (exact64(view, 16) === 0n || beyondCounting(exact64(view, 16))) return { code: 'record-id', where }
  }
  return {
    slot,
    state,
    id: exact64(view, 16),
    page: count64(view, 24),
    pages: count64(view, 32),
    createdNs: exact64(view, 40),
    bootId: uuidText(bytes.subarray(48, 64)),
    name: name ?? '',
    owner: owner ?? '',
    purpose: purpose ?? ''
  }
}

export interface RecordsRead {
  readonly slots: number
  /** every slot that was ever used and holds together, freed ones too */
  readonly records: readonly RegionRecord[]
  readonly findings: readonly Finding[]
}

/** Slots are taken from the front: the first that is free with id 0 was never used, and neither was any after it. */
export function readRecords(section: Uint8Array): RecordsRead {
  const slots = section.length / recordBytes
  const records: RegionRecord[] = []
  const findings: Finding[] = []
  let unused = false
  for (let slot = 0; slot < slots; slot++) {
    const read = parseSlot(section.subarray(slot * recordBytes, (slot + 1) * recordBytes), slot)
    const neverUsed = 'state' in read && read.state === 'free' && read.id === 0n
    if (unused && !neverUsed) findings.push({ code: 'record-after-unused', where: `record ${slot}` })
    else if (unused) continue
    else if ('code' in read) findings.push(read)
    else if (neverUsed) unused = true
    else records.push(read)
  }
  return { slots, records, findings }
}

export const standsAt = (runs: readonly PageRun[], { page, pages }: RegionRecord): boolean =>
  runs.some((run) => run.kind === 'allocation' && run.page === page && run.pages === pages)

/** Holds the records in use against the pages and each other. */
export function checkRecords(
  records: readonly RegionRecord[],
  runs: readonly PageRun[],
  { dataFirst, dataEnd }: Superblock
): Finding[] {
  const used = records.filter(({ state }) => state !== 'free')
  const live = used.filter(({ state }) => state === 'live')
  const findings: Finding[] = []
  const say = (code: FindingCode, { slot }: RegionRecord): number => findings.push({ code, where: `record ${slot}` })
  const names = new Set<string>()
  const pages = new Set<number>()
  for (const record of used) {
    if (record.page < dataFirst || record.pages < 1 || record.page + record.pages > dataEnd) say('record-range', record)
    else if (record.state === 'live' && !standsAt(runs, record)) say('record-without-head', record)
    if (record.state === 'pending') say('record-pending', record)
    if (record.state === 'leaving') say('record-leaving', record)
  }
  for (const record of live) {
    if (names.has(record.name)) say('record-name-twice', record)
    if (pages.has(record.page)) say('record-page-twice', record)
    names.add(record.name)
    pages.add(record.page)
  }
  if (live.reduce((sum, record) => sum + record.pages, 0) > dataEnd - dataFirst)
    findings.push({ code: 'records-overlap', where: 'records' })
  if (used.length - live.length > unsettledLimit) findings.push({ code: 'records-unsettled', where: 'records' })
  return findings
}
