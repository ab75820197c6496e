// SPDX-License-Identifier: GPL-2.0-or-later
/** The two superblocks: what each is by itself, and which one holds. */
import { count64, crc32c, exact64, fieldName, uuidText, viewOf } from './bytes.ts'
import type { Finding } from './findings.ts'

export const pageBytes = 4096
const magic = 'PMPOOLRG'
const maxSections = 16
const smallest = 2 ** 20
const largest = 2 ** 44

export const sectionTypes = { states: 1, records: 2, log: 3 } as const

export interface Section {
  readonly type: number
  readonly flags: number
  /** bytes from the region's start */
  readonly offset: number
  readonly bytes: number
}

export interface Superblock {
  readonly version: number
  readonly bytes: number
  readonly compat: bigint
  readonly roCompat: bigint
  readonly incompat: bigint
  readonly poolUuid: string
  readonly regionUuid: string
  /** null: not a name */
  readonly poolName: string | null
  readonly physicalBase: number
  readonly regionBytes: number
  readonly pageCount: number
  readonly dataFirst: number
  readonly dataEnd: number
  readonly sequence: bigint
  readonly createdNs: bigint
  readonly createdBootId: string
  readonly pageShift: number
  readonly sectionCount: number
  readonly regionIndex: number
  readonly regionCount: number
  readonly sections: readonly Section[]
}

/** newer-damaged: says that a newer format wrote it, but its checksum does not hold. */
export type CopyState = 'absent' | 'good' | 'newer' | 'newer-damaged' | 'damaged'

export interface Copy {
  readonly at: 'A' | 'B'
  readonly state: CopyState
  readonly superblock: Superblock | null
  readonly findings: readonly Finding[]
}

function parseSection(page: Uint8Array, index: number): Section {
  const view = viewOf(page.subarray(224 + index * 24, 248 + index * 24))
  return {
    type: view.getUint32(0, true),
    flags: view.getUint32(4, true),
    offset: count64(view, 8),
    bytes: count64(view, 16)
  }
}

function parse(page: Uint8Array): Superblock {
  const view = viewOf(page)
  const sectionCount = view.getUint32(212, true)
  return {
    version: view.getUint32(8, true),
    bytes: view.getUint32(12, true),
    compat: exact64(view, 16),
    roCompat: exact64(view, 24),
    incompat: exact64(view, 32),
    poolUuid: uuidText(page.subarray(40, 56)),
    regionUuid: uuidText(page.subarray(56, 72)),
    poolName: fieldName(page.subarray(72, 136)),
    physicalBase: count64(view, 136),
    regionBytes: count64(view, 144),
    pageCount: count64(view, 152),
    dataFirst: count64(view, 160),
    dataEnd: count64(view, 168),
    sequence: exact64(view, 176),
    createdNs: exact64(view, 184),
    createdBootId: uuidText(page.subarray(192, 208)),
    pageShift: view.getUint32(208, true),
    sectionCount,
    regionIndex: view.getUint32(216, true),
    regionCount: view.getUint32(220, true),
    sections: Array.from({ length: Math.min(sectionCount, maxSections) }, (_, index) => parseSection(page, index))
  }
}

/** What of the section table does not hold, in words; undefined when all does. */
function sectionTrouble({ sections, dataFirst, pageCount }: Superblock): string | undefined {
  const aligned = (bytes: number): boolean => bytes % pageBytes === 0
  if (sections.some(({ flags }) => flags !== 0)) return 'section flags'
  if (sections.some(({ offset, bytes }) => !aligned(offset) || !aligned(bytes) || bytes === 0)) return 'section size'
  if (sections.some(({ offset, bytes }) => offset < pageBytes || offset + bytes > dataFirst * pageBytes))
    return 'section outside its area'
  if (sections.some(({ type }) => type === 0)) return 'section type'
  if (new Set(sections.map(({ type }) => type)).size !== sections.length) return 'section type twice'
  const sorted = sections.toSorted((one, other) => one.offset - other.offset)
  if (sorted.some(({ offset, bytes }, index) => offset + bytes > (sorted[index + 1]?.offset ?? Infinity)))
    return 'overlapping sections'
  if (Object.values(sectionTypes).some((type) => !sections.some((section) => section.type === type)))
    return 'section missing'
  const states = sections.find(({ type }) => type === sectionTypes.states)?.bytes ?? 0
  return states < Math.ceil(pageCount / 32) * 8 ? 'page states too short' : undefined
}

/** What does not make sense in this superblock, taken by itself; undefined when all does. */
function trouble(block: Superblock): string | undefined {
  const { regionBytes, pageCount, dataFirst, dataEnd } = block
  if (block.version !== 1) return 'version'
  if (block.bytes !== pageBytes) return 'bytes'
  if (block.poolName === null) return 'pool_name'
  if (block.physicalBase % pageBytes !== 0) return 'physical_base'
  if (regionBytes < smallest || regionBytes > largest || regionBytes % pageBytes !== 0) return 'region_bytes'
  if (pageCount !== regionBytes / pageBytes) return 'page_count'
  if (dataEnd !== pageCount - 1) return 'data_end'
  if (dataFirst >= dataEnd) return 'data_first'
  if (block.sequence === 0n) return 'sequence'
  if (block.pageShift !== 12) return 'page_shift'
  if (block.sectionCount > maxSections) return 'section_count'
  if (block.regionIndex !== 0 || block.regionCount !== 1) return 'region_index or region_count'
  return sectionTrouble(block)
}

export function judgeCopy(region: Uint8Array, at: 'A' | 'B', offset: number): Copy {
  const page = region.subarray(offset, offset + pageBytes)
  const where = `superblock ${at}`
  if (offset < 0 || page.length < pageBytes || new TextDecoder('latin1').decode(page.subarray(0, 8)) !== magic)
    return { at, state: 'absent', superblock: null, findings: [{ code: 'superblock-absent', where }] }
  const superblock = parse(page)
  const said = (state: CopyState, code: Finding['code'], detail?: string): Copy => ({
    at,
    state,
    superblock,
    findings: [{ code, where, ...(detail && { detail }) }]
  })
  if (viewOf(page).getUint32(4092, true) !== crc32c(page.subarray(0, 4092)))
    return said(superblock.version > 1 ? 'newer-damaged' : 'damaged', 'superblock-crc')
  if (superblock.version > 1 || (superblock.version === 1 && superblock.incompat !== 0n))
    return said('newer', 'superblock-newer')
  const wrong = trouble(superblock)
  if (wrong) return said('damaged', 'superblock-insane', wrong)
  return { at, state: 'good', superblock, findings: [] }
}

/** Both copies; B stands where a good A says, else in the last page of what is there. */
export function judgeCopies(region: Uint8Array): readonly [Copy, Copy] {
  const a = judgeCopy(region, 'A', 0)
  const end = a.state === 'good' && a.superblock ? a.superblock.regionBytes : region.length
  return [a, judgeCopy(region, 'B', end - pageBytes)]
}

/** Of two good copies of the same pool the higher sequence holds; with equal ones A. */
export function chooseCopy([a, b]: readonly [Copy, Copy]): Copy | undefined {
  if (a.state !== 'good' || !a.superblock) return b.state === 'good' ? b : undefined
  if (b.state !== 'good' || !b.superblock) return a
  const same = a.superblock.poolUuid === b.superblock.poolUuid && a.superblock.regionUuid === b.superblock.regionUuid
  return same && b.superblock.sequence > a.superblock.sequence ? b : a
}
