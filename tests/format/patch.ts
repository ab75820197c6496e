// SPDX-License-Identifier: GPL-2.0-or-later
/** Changes to a region's bytes, with the checksums made right again where that is the point. */
import { crc32c, viewOf } from './bytes.ts'
import { poolName, poolOf, read } from './compare.ts'
import { NativeHost } from './native.ts'
import { recordBytes } from './records.ts'
import { pageBytes, sectionTypes } from './superblock.ts'

export const regionBytes = 2 * 2 ** 20 // small, as it is put back for each case
export const pageCount = regionBytes / pageBytes
const lastPage = regionBytes - pageBytes

/** A pool with named, unnamed and freed allocations, to be put back after each case. */
export class Specimen {
  readonly host: NativeHost
  readonly whole: Uint8Array
  readonly uuid: string
  /** bytes before the first data page */
  readonly metadataBytes: number
  readonly statesAt: number
  readonly recordsAt: number
  readonly logAt: number
  readonly logEntries: number

  constructor(bytes = regionBytes) {
    this.host = new NativeHost(bytes)
    this.host.run(['pool', 'create', poolName])
    for (const pages of ['1', '8', '37']) this.host.run(['alloc', poolName, '--pages', pages])
    const named = { db: '5', passing: '40', cache: '33' }
    for (const [name, pages] of Object.entries(named))
      this.host.run(['alloc', poolName, '--pages', pages, '--name', name, '--owner', 'tester'])
    this.host.run(['free', poolName, 'passing', '--yes'])
    const { superblock, log } = poolOf(read(this.host))
    const at = (type: number): number => superblock.sections.find((one) => one.type === type)?.offset ?? 0
    this.uuid = superblock.poolUuid
    this.metadataBytes = superblock.dataFirst * pageBytes
    this.statesAt = at(sectionTypes.states)
    this.recordsAt = at(sectionTypes.records)
    this.logAt = at(sectionTypes.log)
    this.logEntries = log.entries.length
    this.whole = this.host.read()
  }

  /** Writes the pool anew, changed by `change`; answers what stands there then. */
  set(change: Change): Uint8Array {
    const bytes = this.whole.slice()
    change(bytes, this)
    this.host.write(0, bytes.subarray(0, this.metadataBytes))
    const last = this.host.bytes - pageBytes
    this.host.write(last, bytes.subarray(last))
    return bytes
  }
}

export type Change = (region: Uint8Array, specimen: Specimen) => void

export const all =
  (...changes: readonly Change[]): Change =>
  (region, specimen) =>
    changes.forEach((change) => change(region, specimen))

export type Copies = 'A' | 'B' | 'both'

const copiesAt = (copies: Copies): readonly number[] =>
  copies === 'both' ? [0, lastPage] : [copies === 'A' ? 0 : lastPage]

/** Changes superblocks and leaves their checksums wrong. */
export const spoilt =
  (copies: Copies, change: (view: DataView) => void): Change =>
  (region) =>
    copiesAt(copies).forEach((at) => change(viewOf(region.subarray(at, at + pageBytes))))

/** The same with right checksums. */
export const forged =
  (copies: Copies, change: (view: DataView) => void): Change =>
  (region, specimen) => {
    spoilt(copies, change)(region, specimen)
    for (const at of copiesAt(copies)) {
      const page = region.subarray(at, at + pageBytes)
      viewOf(page).setUint32(4092, crc32c(page.subarray(0, 4092)), true)
    }
  }

export const record =
  (slot: number, change: (view: DataView) => void): Change =>
  (region, { recordsAt }) => {
    const bytes = region.subarray(recordsAt + slot * recordBytes, recordsAt + (slot + 1) * recordBytes)
    change(viewOf(bytes))
    viewOf(bytes).setUint32(8, crc32c(bytes.subarray(12)), true)
  }

/** A slot as another one, in the state given. */
export const copyOfRecord = (from: number, to: number, state: number): Change =>
  all(
    (region, { recordsAt }) => {
      const at = recordsAt + from * recordBytes
      region.copyWithin(recordsAt + to * recordBytes, at, at + recordBytes)
    },
    recordState(to, state)
  )

/** The state stands outside the checksum. */
export const recordState =
  (slot: number, state: number): Change =>
  (region, { recordsAt }) => {
    region[recordsAt + slot * recordBytes] = state
  }

export const logEntry =
  (slot: number, change: (view: DataView) => void): Change =>
  (region, { logAt }) => {
    const bytes = region.subarray(logAt + slot * 128, logAt + (slot + 1) * 128)
    change(viewOf(bytes))
    viewOf(bytes).setUint32(0, crc32c(bytes.subarray(4)), true)
  }

export const pageState =
  (page: number, state: number): Change =>
  (region, { statesAt }) => {
    const at = statesAt + (page >> 2)
    const shift = 2 * (page & 3)
    region[at] = ((region[at] ?? 0) & ~(3 << shift)) | (state << shift)
  }

/** Text of `bytes` at an offset, padded with NUL. */
export const text =
  (at: number, bytes: number, content: string | readonly number[]): ((view: DataView) => void) =>
  (view) => {
    const field = new Uint8Array(view.buffer, view.byteOffset + at, bytes).fill(0)
    field.set(typeof content === 'string' ? new TextEncoder().encode(content) : content)
  }

export const u8 =
  (at: number, value: number): ((view: DataView) => void) =>
  (view) =>
    view.setUint8(at, value)
export const u32 =
  (at: number, value: number): ((view: DataView) => void) =>
  (view) =>
    view.setUint32(at, value, true)
export const u64 =
  (at: number, value: bigint): ((view: DataView) => void) =>
  (view) =>
    view.setBigUint64(at, value, true)
