// SPDX-License-Identifier: GPL-2.0-or-later
/** The two superblocks of a region: what each is by itself, and which one holds. */
import { crc32c, viewOf } from './bytes.ts'
import type { Finding } from './findings.ts'
import { formatVersion, pageBytes, parseSuperblock, trouble, type Superblock } from './superblock.ts'

const magic = 'PMPOOLRG'

/** newer-damaged: says that a newer format wrote it, but its checksum does not hold. */
export type CopyState = 'absent' | 'good' | 'newer' | 'newer-damaged' | 'older' | 'damaged'

export interface Copy {
  readonly at: 'A' | 'B'
  readonly state: CopyState
  readonly superblock: Superblock | null
  /** the page as it stands */
  readonly page: Uint8Array
  readonly findings: readonly Finding[]
}

function judgeCopy(region: Uint8Array, at: 'A' | 'B', offset: number): Copy {
  const page = region.subarray(offset, offset + pageBytes)
  const where = `superblock ${at}`
  if (offset < 0 || page.length < pageBytes || new TextDecoder('latin1').decode(page.subarray(0, 8)) !== magic)
    return { at, state: 'absent', superblock: null, page, findings: [{ code: 'superblock-absent', where }] }
  const superblock = parseSuperblock(page)
  const said = (state: CopyState, code: Finding['code'], detail?: string): Copy => ({
    at,
    state,
    superblock,
    page,
    findings: [{ code, where, ...(detail && { detail }) }]
  })
  if (viewOf(page).getUint32(4092, true) !== crc32c(page.subarray(0, 4092)))
    return said(superblock.version > formatVersion ? 'newer-damaged' : 'damaged', 'superblock-crc')
  if (superblock.version > formatVersion || (superblock.version === formatVersion && superblock.incompat !== 0n))
    return said('newer', 'superblock-newer')
  if (superblock.version === formatVersion - 1) return said('older', 'superblock-older')
  const wrong = trouble(superblock)
  if (wrong) return said('damaged', 'superblock-insane', wrong)
  return { at, state: 'good', superblock, page, findings: [] }
}

/** Two copies of the same region of the same pool. */
const alike = (one: Superblock, other: Superblock): boolean =>
  one.poolUuid === other.poolUuid &&
  one.regionUuid === other.regionUuid &&
  one.physicalBase === other.physicalBase &&
  one.regionBytes === other.regionBytes

/** Both copies; B stands where a good A says, else in the last page of what is there, and ends its region there. */
export function judgeCopies(region: Uint8Array): readonly [Copy, Copy] {
  const a = judgeCopy(region, 'A', 0)
  const end = a.state === 'good' && a.superblock ? a.superblock.regionBytes : region.length
  const b = judgeCopy(region, 'B', end - pageBytes)
  const another = b.state === 'good' && b.superblock?.regionBytes !== end
  return [a, another ? { ...b, state: 'absent' } : b]
}

/** Of two good copies of the same region the higher sequence holds; with equal ones A. */
export function chooseCopy([a, b]: readonly [Copy, Copy]): Copy | undefined {
  if (a.state !== 'good' || !a.superblock) return b.state === 'good' ? b : undefined
  if (b.state !== 'good' || !b.superblock) return a
  return alike(a.superblock, b.superblock) && b.superblock.sequence > a.superblock.sequence ? b : a
}

/** Whether attach writes the other copy anew. */
export const isMended = (copies: readonly [Copy, Copy], chosen: Copy): boolean =>
  copies.some(({ page }) => Buffer.compare(page, chosen.page) !== 0)
