// SPDX-License-Identifier: GPL-2.0-or-later
/** A superblock: its fields, and what of them makes no sense. */
import { count64, exact64, fieldName, uuidText, viewOf } from './bytes.ts'

export const pageBytes = 4096
export const blockPages = 512
export const formatVersion = 2
const regionsMax = 4096
const maxSections = 16
const smallest = 2 ** 20
const largest = 2 ** 44
const mostItems = 2 ** 24

export const sectionTypes = { states: 1, records: 2, log: 3, blocks: 4, shared: 5 } as const
export const media = ['unknown', 'memmap', 'pmem', 'devdax', 'file'] as const

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
  /** undefined: a number that has no meaning */
  readonly medium: (typeof media)[number] | undefined
  readonly sections: readonly Section[]
  /** pool page of the region's page 0 */
  readonly firstPoolPage: number
  /** -1: not known */
  readonly numaNode: number
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

export function parseSuperblock(page: Uint8Array): Superblock {
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
    medium: media[view.getUint32(220, true)],
    sections: Array.from({ length: Math.min(sectionCount, maxSections) }, (_, index) => parseSection(page, index)),
    firstPoolPage: count64(view, 608),
    numaNode: view.getInt32(616, true)
  }
}

/** What of the section table does not hold, in words; undefined when all does. */
function sectionTrouble({ sections, dataFirst, pageCount, regionIndex }: Superblock): string | undefined {
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
  const bytesOf = (type: number): number => sections.find((section) => section.type === type)?.bytes ?? 0
  const needed = Object.values(sectionTypes).filter((type) => type !== sectionTypes.log || regionIndex === 0)
  if (needed.some((type) => bytesOf(type) === 0)) return 'section missing'
  const blocks = Math.ceil(pageCount / blockPages)
  if (bytesOf(sectionTypes.blocks) < blocks * 8) return 'blocks too short'
  if (bytesOf(sectionTypes.states) < blocks * 128) return 'page states too short'
  if (bytesOf(sectionTypes.records) > mostItems * 256 || bytesOf(sectionTypes.log) > mostItems * 128)
    return 'section too long'
  return undefined
}

/** What does not make sense in this superblock, taken by itself; undefined when all does. */
export function trouble(block: Superblock): string | undefined {
  const { regionBytes, pageCount, dataFirst, dataEnd, firstPoolPage, regionIndex } = block
  if (block.version !== formatVersion) return 'version'
  if (block.bytes !== pageBytes) return 'bytes'
  if (block.poolName === null) return 'pool_name'
  if (block.physicalBase % pageBytes !== 0 || block.physicalBase + regionBytes > 2 ** 52) return 'physical_base'
  if (regionBytes < smallest || regionBytes > largest || regionBytes % pageBytes !== 0) return 'region_bytes'
  if (pageCount !== regionBytes / pageBytes) return 'page_count'
  if (dataEnd !== pageCount - 1) return 'data_end'
  if (dataFirst < 2 || dataFirst >= dataEnd) return 'data_first'
  if (block.sequence === 0n) return 'sequence'
  if (block.pageShift !== 12) return 'page_shift'
  if (block.sectionCount > maxSections) return 'section_count'
  if (regionIndex >= regionsMax) return 'region_index'
  if (firstPoolPage % blockPages !== 0 || firstPoolPage + pageCount > 2 ** 40) return 'first_pool_page'
  if ((regionIndex === 0) !== (firstPoolPage === 0)) return 'first_pool_page'
  if (block.medium === undefined) return 'medium'
  if (block.numaNode < -1) return 'numa_node'
  return sectionTrouble(block)
}
