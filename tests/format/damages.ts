// SPDX-License-Identifier: GPL-2.0-or-later
/** What can be wrong with a pool whose checksums are right, or where there is none. */
import type { FindingCode } from './findings.ts'
import { edits, forged, spoilt, text, u32, u64, u8, all, pageState, type Change } from './patch.ts'
import { dataFirst, pageCount } from './specimen.ts'

export interface Damage {
  readonly of: string
  readonly name: string
  readonly change: Change
  /** what this reader finds; undefined: nothing, it is allowed */
  readonly finding?: FindingCode
}

export type Row = readonly [name: string, change: Change, finding?: FindingCode]
export const under = (of: string, rows: readonly Row[]): Damage[] =>
  rows.map(([name, change, finding]) => ({ of, name, change, ...(finding && { finding }) }))

const insane = 'superblock-insane'
/** Fields of the section table, which has blocks, page states, records, shared and log. */
const at = (section: number, field: 'type' | 'flags' | 'offset' | 'bytes'): number =>
  224 + section * 24 + { type: 0, flags: 4, offset: 8, bytes: 16 }[field]
/** One more section, of a page, in front of `data_first`. */
const sixth = (type: number): ((view: DataView) => void) =>
  edits(
    u32(212, 6),
    u32(at(5, 'type'), type),
    u64(at(5, 'offset'), BigInt(dataFirst * 4096)),
    u64(at(5, 'bytes'), 4096n),
    u64(160, BigInt(dataFirst + 1))
  )

export const superblockDamages: readonly Damage[] = under('superblock', [
  ['both damaged', spoilt('both', u8(300, 1)), 'superblock-crc'],
  ['both without magic', spoilt('both', u8(0, 0)), 'superblock-absent'],
  ['A without magic', spoilt('A', u8(0, 0)), 'superblock-absent'],
  ['B without magic', spoilt('B', u8(0, 0)), 'superblock-absent'],
  ['version 0', forged('both', u32(8, 0)), insane],
  ['version 0 with an incompat flag', forged('both', edits(u32(8, 0), u8(32, 1))), insane],
  ['length of another structure', forged('both', u32(12, 512)), insane],
  ['sequence 0', forged('both', u64(176, 0n)), insane],
  ['page_shift 13', forged('both', u32(208, 13)), insane],
  ['region_index 1 at the pool’s first page', forged('both', u32(216, 1)), insane],
  ['region_index 1', forged('both', edits(u32(216, 1), u64(608, 512n)))],
  ['region_index 4096', forged('both', edits(u32(216, 4096), u64(608, 512n))), insane],
  ['first_pool_page 512 in region 0', forged('both', u64(608, 512n)), insane],
  ['first_pool_page inside a block', forged('both', edits(u32(216, 1), u64(608, 511n))), insane],
  ['first_pool_page beyond 2^40', forged('both', edits(u32(216, 1), u64(608, 1n << 40n))), insane],
  ['medium 4', forged('both', u32(220, 4))],
  ['medium 5', forged('both', u32(220, 5)), insane],
  ['numa_node 3', forged('both', u32(616, 3))],
  ['numa_node -2', forged('both', u32(616, 0xfffffffe)), insane],
  ['physical_base between pages', forged('both', u8(136, 2)), insane],
  ['physical_base elsewhere', forged('both', u8(140, 2))],
  ['physical_base beyond 2^52', forged('both', u64(136, (1n << 52n) - 4096n)), insane],
  ['region_bytes below 1 MiB', forged('both', u64(144, 4096n)), insane],
  ['region_bytes above 16 TiB', forged('both', u64(144, (1n << 44n) + 4096n)), insane],
  ['page_count of another size', forged('both', u64(152, BigInt(pageCount - 1))), insane],
  ['data_first 1', forged('both', u64(160, 1n)), insane],
  ['data_first at data_end', forged('both', u64(160, BigInt(pageCount - 1))), insane],
  ['data_first inside the log', forged('both', u64(160, BigInt(dataFirst - 1))), insane],
  ['data_first beyond the log', forged('both', u64(160, BigInt(pageCount - 2))), 'metadata-state'],
  ['data_end past the region', forged('both', u64(168, BigInt(pageCount))), insane],
  ['17 sections', forged('both', u32(212, 17)), insane],
  ['no log', forged('both', u32(212, 4)), insane],
  ['two logs', forged('both', u32(at(3, 'type'), 3)), insane],
  ['another type instead of blocks', forged('both', u32(at(0, 'type'), 9)), insane],
  ['section flags', forged('both', u32(at(0, 'flags'), 1)), insane],
  ['section over the superblock', forged('both', u64(at(0, 'offset'), 0n)), insane],
  ['section between pages', forged('both', u64(at(0, 'offset'), 4097n)), insane],
  ['section past 2^64', forged('both', u64(at(0, 'bytes'), (1n << 64n) - 4096n)), insane],
  ['empty section', forged('both', u64(at(0, 'bytes'), 0n)), insane],
  ['sections over each other', forged('both', u64(at(0, 'bytes'), 8192n)), insane],
  ['a section of type 0', all(forged('both', sixth(0)), pageState(dataFirst, 1)), insane],
  ['a section of an unknown type', all(forged('both', sixth(9)), pageState(dataFirst, 1))],
  ['pool_name empty', forged('both', text(72, 64, '')), insane],
  ['pool_name with a slash', forged('both', text(72, 64, 'a/b')), insane],
  ['pool_name of 64 bytes', forged('both', text(72, 64, 'a'.repeat(64))), insane],
  ['pool_name with something behind its end', forged('both', text(72, 64, 'lab\0x')), insane],
  ['reserved bytes in use', forged('both', u8(620, 1))],
  ['UUIDs and boot id of zeros', forged('both', u64(192, 0n))],
  ['B newer by its sequence', forged('B', edits(u8(176, 9), text(72, 64, 'other')))],
  ['B of another pool', forged('B', edits(u8(176, 9), u8(40, 1), text(72, 64, 'x')))],
  ['B of another place', forged('B', edits(u8(176, 9), u8(140, 2)))],
  ['B another with the same sequence', forged('B', text(72, 64, 'other'))]
])
