// SPDX-License-Identifier: GPL-2.0-or-later
/** Changes to a region's bytes, with the checksums made right again where that is the point. */
import { checkOf, crc32c, viewOf } from './bytes.ts'
import { recordBytes } from './records.ts'
import type { RegionSpecimen } from './specimen.ts'
import { blockPages, pageBytes } from './superblock.ts'

export type Change = (region: Uint8Array, specimen: RegionSpecimen) => void

export const all =
  (...changes: readonly Change[]): Change =>
  (region, specimen) =>
    changes.forEach((change) => change(region, specimen))

export type Copies = 'A' | 'B' | 'both'

const copiesAt = (copies: Copies, { length }: Uint8Array): readonly number[] =>
  copies === 'both' ? [0, length - pageBytes] : [copies === 'A' ? 0 : length - pageBytes]

type Edit = (view: DataView) => void
export const edits =
  (...some: readonly Edit[]): Edit =>
  (view) =>
    some.forEach((edit) => edit(view))

/** Changes superblocks and leaves their checksums wrong. */
export const spoilt =
  (copies: Copies, change: Edit): Change =>
  (region) =>
    copiesAt(copies, region).forEach((at) => change(viewOf(region.subarray(at, at + pageBytes))))

/** The same with right checksums. */
export const forged =
  (copies: Copies, change: Edit): Change =>
  (region, specimen) => {
    spoilt(copies, change)(region, specimen)
    for (const at of copiesAt(copies, region)) {
      const page = region.subarray(at, at + pageBytes)
      viewOf(page).setUint32(4092, crc32c(page.subarray(0, 4092)), true)
    }
  }

/** A slot by its number, or by what stands in it. */
export type Slot = number | string

export function slotAt(slot: Slot, { slots, slotOffsets }: RegionSpecimen): number {
  const at = slotOffsets[typeof slot === 'number' ? slot : (slots[slot] ?? -1)]
  if (at === undefined) throw new RangeError(`no slot ${slot}`)
  return at
}

export const record =
  (slot: Slot, change: Edit): Change =>
  (region, specimen) => {
    const at = slotAt(slot, specimen)
    const bytes = region.subarray(at, at + recordBytes)
    change(viewOf(bytes))
    viewOf(bytes).setUint32(8, crc32c(bytes.subarray(12)), true)
  }

/** The state stands outside the checksum, eight times. */
export const recordState =
  (slot: Slot, state: number): Change =>
  (region, specimen) => {
    const at = slotAt(slot, specimen)
    region.fill(state, at, at + 8)
  }

/** A slot as another one, in the state given and with an id of its own. */
export const copyOfRecord = (from: Slot, to: Slot, state: number, change: Edit = () => {}): Change =>
  all(
    (region, specimen) => {
      const at = slotAt(from, specimen)
      region.copyWithin(slotAt(to, specimen), at, at + recordBytes)
    },
    record(to, edits(u64(16, 100n), change)),
    recordState(to, state)
  )

export const recordByte =
  (slot: Slot, byte: number, value: number): Change =>
  (region, specimen) => {
    region[slotAt(slot, specimen) + byte] = value
  }

export const logEntry =
  (slot: number, change: Edit): Change =>
  (region, { logAt }) => {
    const bytes = region.subarray(logAt + slot * 128, logAt + (slot + 1) * 128)
    change(viewOf(bytes))
    viewOf(bytes).setUint32(0, crc32c(bytes.subarray(4)), true)
  }

/** A page's own state; the check of its block is left wrong. */
export const pageWord =
  (page: number, state: number): Change =>
  (region, { statesAt }) => {
    const at = statesAt + (page >> 2)
    const shift = 2 * (page & 3)
    region[at] = ((region[at] ?? 0) & ~(3 << shift)) | (state << shift)
  }

/** The same with the check made right. */
export const pageState = (page: number, state: number): Change =>
  all(pageWord(page, state), (region, { statesAt, blocksAt }) => {
    const block = Math.floor(page / blockPages)
    const words = region.subarray(statesAt + block * 128, statesAt + (block + 1) * 128)
    viewOf(region).setUint32(blocksAt + block * 8 + 4, checkOf(words), true)
  })

/** A block's state, four times; its check stays. */
export const block =
  (nth: number, state: number): Change =>
  (region, { blocksAt }) => {
    region.fill(state, blocksAt + nth * 8, blocksAt + nth * 8 + 4)
  }

export const blockByte =
  (nth: number, byte: number, flip: number): Change =>
  (region, { blocksAt }) => {
    const at = blocksAt + nth * 8 + byte
    region[at] = (region[at] ?? 0) ^ flip
  }

/** A process was changing the region. */
export const busy: Change = (region, { sharedAt }) =>
  viewOf(region).setBigUint64(sharedAt, 0x5942_5553_5942_5553n, true)

/** Text of `bytes` at an offset, padded with NUL. */
export const text =
  (at: number, bytes: number, content: string | readonly number[]): Edit =>
  (view) => {
    const field = new Uint8Array(view.buffer, view.byteOffset + at, bytes).fill(0)
    field.set(typeof content === 'string' ? new TextEncoder().encode(content) : content)
  }

export const u8 =
  (at: number, value: number): Edit =>
  (view) =>
    view.setUint8(at, value)
export const u16 =
  (at: number, value: number): Edit =>
  (view) =>
    view.setUint16(at, value, true)
export const u32 =
  (at: number, value: number): Edit =>
  (view) =>
    view.setUint32(at, value, true)
export const u64 =
  (at: number, value: bigint): Edit =>
  (view) =>
    view.setBigUint64(at, value, true)
