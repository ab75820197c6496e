// SPDX-License-Identifier: GPL-2.0-or-later
/** Records, each by itself. */
import { beyondCounting, count64, crc32c, exact64, fieldName, fieldText, uuidText, viewOf } from './bytes.ts'
import type { Finding, FindingCode } from './findings.ts'
import { blockPages, media, pageBytes, type Superblock } from './superblock.ts'

export const recordBytes = 256
const stateNames = ['free', 'pending', 'live', 'leaving'] as const
const kindNames = ['allocation', 'directory', 'quarantine', 'member'] as const

export type RecordState = (typeof stateNames)[number]
export type RecordKind = (typeof kindNames)[number]

export interface RegionRecord {
  /** counted over all parts of the directory */
  readonly slot: number
  readonly state: RecordState
  readonly kind: RecordKind
  readonly id: bigint
  /** page index of the first page; of a member the pool page where it begins */
  readonly page: number
  readonly pages: number
  readonly createdNs: bigint
  readonly bootId: string
  readonly name: string
  readonly owner: string
  readonly purpose: string
  /** id of the record that this one takes over; 0n: none */
  readonly replaces: bigint
  /** of a member */
  readonly regionIndex: number
  readonly regionUuid: string
  readonly physicalBase: number
  readonly medium: Superblock['medium']
  readonly numaNode: number
}

/** A slot that holds nothing, but whose id may be the highest there was. */
export interface FreeSlot {
  readonly slot: number
  readonly state: 'free'
  readonly id: bigint
}

/** What is wrong with the bytes of a slot in use; undefined: nothing. */
function troubleOf(bytes: Uint8Array, kind: RecordKind | undefined): FindingCode | undefined {
  const view = viewOf(bytes)
  if (view.getUint32(8, true) !== crc32c(bytes.subarray(12))) return 'record-crc'
  if (kind === undefined) return 'record-kind'
  const field = bytes.subarray(64, 128)
  const named = kind === 'allocation' ? fieldName(field) !== null : fieldText(field) === ''
  const text = [bytes.subarray(128, 160), bytes.subarray(160, 224)]
  if (!named || text.some((one) => fieldText(one) === null)) return 'record-text'
  return exact64(view, 16) === 0n || beyondCounting(exact64(view, 16)) ? 'record-id' : undefined
}

export function parseSlot(bytes: Uint8Array, slot: number): RegionRecord | FreeSlot | Finding {
  const view = viewOf(bytes)
  const where = `record ${slot}`
  const state = bytes.subarray(0, 8).every((byte) => byte === bytes[0]) ? stateNames[bytes[0] ?? 0] : undefined
  if (state === undefined) return { code: 'record-state', where }
  if (state === 'free') return { slot, state, id: exact64(view, 16) }
  const kind = kindNames[view.getUint16(12, true)]
  const wrong = troubleOf(bytes, kind)
  if (wrong || kind === undefined) return { code: wrong ?? 'record-kind', where }
  return {
    slot,
    state,
    kind,
    id: exact64(view, 16),
    page: count64(view, 24),
    pages: count64(view, 32),
    createdNs: exact64(view, 40),
    bootId: uuidText(bytes.subarray(48, 64)),
    name: fieldText(bytes.subarray(64, 128)) ?? '',
    owner: fieldText(bytes.subarray(128, 160)) ?? '',
    purpose: fieldText(bytes.subarray(160, 224)) ?? '',
    replaces: kind === 'member' ? 0n : exact64(view, 224),
    regionIndex: view.getUint16(14, true),
    regionUuid: uuidText(bytes.subarray(224, 240)),
    physicalBase: count64(view, 240),
    medium: media[view.getUint32(248, true)],
    numaNode: view.getInt32(252, true)
  }
}

export const inData = ({ page, pages }: RegionRecord, { dataFirst, dataEnd }: Superblock): boolean =>
  page >= dataFirst && pages >= 1 && page + pages <= dataEnd

/** A member's fields, in region 0. */
export function isMember({ regionIndex, page, pages, physicalBase, medium, numaNode }: RegionRecord): boolean {
  if (regionIndex < 1 || regionIndex > 4095 || page === 0 || page % blockPages !== 0) return false
  if (pages < 256 || pages > 2 ** 32 || page + pages > 2 ** 40) return false
  if (physicalBase % pageBytes !== 0 || physicalBase + pages * pageBytes > 2 ** 52) return false
  return medium !== undefined && numaNode >= -1
}
