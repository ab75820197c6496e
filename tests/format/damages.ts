// SPDX-License-Identifier: GPL-2.0-or-later
/** What can be wrong with a pool whose checksums are right, or where there is none. Slots 0 and 2 are live. */
import type { FindingCode } from './findings.ts'
import {
  all,
  copyOfRecord,
  forged,
  logEntry,
  pageCount,
  pageState,
  record,
  recordState,
  spoilt,
  text,
  u32,
  u64,
  u8,
  type Change
} from './patch.ts'
import { recordBytes } from './records.ts'

export interface Damage {
  readonly of: string
  readonly name: string
  readonly change: Change
  /** what this reader finds; undefined: nothing, it is allowed */
  readonly finding?: FindingCode
}

type Row = readonly [name: string, change: Change, finding?: FindingCode]
const under = (of: string, rows: readonly Row[]): Damage[] =>
  rows.map(([name, change, finding]) => ({ of, name, change, ...(finding && { finding }) }))

const id = 16
const page = 24
const pages = 32
const name = (content: string | readonly number[]): ((view: DataView) => void) => text(64, 64, content)
const insane = 'superblock-insane'
/** A section table entry, with `data_first` behind it. */
const section =
  (index: number, type: number, at: number): ((view: DataView) => void) =>
  (view) => {
    const entry = 224 + index * 24
    u32(212, index + 1)(view)
    u32(entry, type)(view)
    u64(entry + 8, BigInt(at * 4096))(view)
    u64(entry + 16, 4096n)(view)
    u64(160, BigInt(at + 1))(view)
  }

export const damages: readonly Damage[] = [
  ...under('superblock', [
    ['both damaged', spoilt('both', u8(300, 1)), 'superblock-crc'],
    ['both without magic', spoilt('both', u8(0, 0)), 'superblock-absent'],
    ['A without magic', spoilt('A', u8(0, 0)), 'superblock-absent'],
    ['version 0', forged('both', u32(8, 0)), insane],
    [
      'version 0 with an incompat flag',
      forged('both', (view) => [u32(8, 0), u8(32, 1)].forEach((f) => f(view))),
      insane
    ],
    ['length of another structure', forged('both', u32(12, 512)), insane],
    ['sequence 0', forged('both', u64(176, 0n)), insane],
    ['page_shift 13', forged('both', u32(208, 13)), insane],
    ['region_index 1', forged('both', u32(216, 1)), insane],
    ['region_count 0', forged('both', u32(220, 0)), insane],
    ['region_count 2', forged('both', u32(220, 2)), insane],
    ['physical_base between pages', forged('both', u8(136, 2)), insane],
    ['physical_base elsewhere', forged('both', u8(140, 2))],
    ['region_bytes below 1 MiB', forged('both', u64(144, 4096n)), insane],
    ['region_bytes above 16 TiB', forged('both', u64(144, (1n << 44n) + 4096n)), insane],
    ['page_count of another size', forged('both', u64(152, BigInt(pageCount - 1))), insane],
    ['data_first at data_end', forged('both', u64(160, BigInt(pageCount - 1))), insane],
    ['data_first inside the log', forged('both', u64(160, 13n)), insane],
    ['data_first beyond the log', forged('both', u64(160, BigInt(pageCount - 2))), 'metadata-state'],
    ['data_end past the region', forged('both', u64(168, BigInt(pageCount))), insane],
    ['17 sections', forged('both', u32(212, 17)), insane],
    ['no log', forged('both', u32(212, 2)), insane],
    ['two logs', forged('both', u32(224, 3)), insane],
    ['section flags', forged('both', u32(228, 1)), insane],
    ['section over the superblock', forged('both', u64(232, 0n)), insane],
    ['section between pages', forged('both', u64(232, 4097n)), insane],
    ['section past 2^64', forged('both', u64(240, (1n << 64n) - 4096n)), insane],
    ['empty section', forged('both', u64(240, 0n)), insane],
    ['sections over each other', forged('both', u64(240, 8192n)), insane],
    ['a section of type 0', all(forged('both', section(3, 0, 14)), pageState(14, 3)), insane],
    ['a section of an unknown type', all(forged('both', section(3, 9, 14)), pageState(14, 3))],
    ['pool_name empty', forged('both', text(72, 64, '')), insane],
    ['pool_name with a slash', forged('both', text(72, 64, 'a/b')), insane],
    ['pool_name of 64 bytes', forged('both', text(72, 64, 'a'.repeat(64))), insane],
    ['pool_name with something behind its end', forged('both', text(72, 64, 'lab\0x')), insane],
    ['reserved bytes in use', forged('both', u8(608, 1))],
    ['UUIDs and boot id of zeros', forged('both', u64(192, 0n))],
    ['B newer by its sequence', forged('B', (view) => [u8(176, 9), text(72, 64, 'other')].forEach((f) => f(view)))],
    ['B of another pool', forged('B', (view) => [u8(176, 9), u8(40, 1), text(72, 64, 'x')].forEach((f) => f(view)))],
    ['B another with the same sequence', forged('B', text(72, 64, 'other'))]
  ]),
  ...under('page states', [
    ['the first page free', pageState(0, 0), 'metadata-state'],
    ['the last page bad', pageState(pageCount - 1, 2), 'metadata-state'],
    ['records that do not start', pageState(2, 1), 'metadata-state'],
    ['something behind the last word', (region, { statesAt }) => (region[statesAt + pageCount / 4] = 1), 'states-rest'],
    ['a page without a head behind metadata', pageState(14, 1), 'orphan-run'],
    ['the last data page without a head', pageState(pageCount - 2, 1), 'orphan-run'],
    ['pages without a head over two words', all(pageState(319, 1), pageState(320, 1)), 'orphan-run'],
    ['two runs without a head', all(pageState(300, 1), pageState(302, 2), pageState(303, 1)), 'orphan-run'],
    ['a bad page', pageState(200, 2)],
    ['a page without a head behind a bad one', all(pageState(200, 2), pageState(201, 1)), 'orphan-run'],
    ['the head of an unnamed run gone', pageState(24, 0), 'orphan-run'],
    ['the head of a live record gone', (region, of) => clearHead(region, of, 0), 'record-without-head']
  ]),
  ...under('record', [
    ['pending, run there', recordState(0, 1), 'record-pending'],
    ['pending, run of another length', all(record(0, u64(pages, 4n)), recordState(0, 1)), 'record-pending'],
    ['pending, pages free', all(record(0, u64(page, 400n)), recordState(0, 1)), 'record-pending'],
    ['pending, outside the data', all(record(0, u64(page, 3n)), recordState(0, 1)), 'record-range'],
    ['pending, of no pages', all(record(0, u64(pages, 0n)), recordState(0, 1)), 'record-range'],
    ['pending, far away', all(record(0, u64(page, 1n << 62n)), recordState(0, 1)), 'record-range'],
    ['pending with the name of a live one', all(record(2, name('db')), recordState(2, 1)), 'record-pending'],
    ['pending on the page of a live one', copyOfRecord(0, 3, 1), 'record-pending'],
    ['pending twice', all(copyOfRecord(0, 3, 1), recordState(0, 1)), 'record-pending'],
    ['leaving, run there', recordState(0, 3), 'record-leaving'],
    ['leaving, run of another length', all(record(0, u64(pages, 4n)), recordState(0, 3)), 'record-leaving'],
    ['leaving with the name of a live one', all(record(2, name('db')), recordState(2, 3)), 'record-leaving'],
    ['leaving on the page of a live one', copyOfRecord(0, 3, 3), 'record-leaving'],
    ['leaving twice', all(copyOfRecord(0, 3, 3), recordState(0, 3)), 'record-leaving'],
    ['pending, then leaving', all(copyOfRecord(0, 3, 3), recordState(0, 1)), 'record-leaving'],
    ['leaving, then pending', all(copyOfRecord(0, 3, 1), recordState(0, 3)), 'record-leaving'],
    ['live twice', copyOfRecord(0, 3, 2), 'record-page-twice'],
    ['live with a name twice', record(2, name('db')), 'record-name-twice'],
    ['live, longer than its run', record(0, u64(pages, 6n)), 'record-without-head'],
    ['live, past the end', record(0, u64(pages, BigInt(pageCount))), 'record-range'],
    ['live, of 2^64 - 1 pages', record(0, u64(pages, (1n << 64n) - 1n)), 'record-range'],
    ['in state 4', recordState(0, 4), 'record-state'],
    ['in a state above 2^32', (region, { recordsAt }) => (region[recordsAt + 5] = 1), 'record-state'],
    ['id 0', record(0, u64(id, 0n)), 'record-id'],
    ['id 2^62', record(0, u64(id, 1n << 62n))],
    ['id beyond 2^62', record(0, u64(id, (1n << 62n) + 1n)), 'record-id'],
    ['an id twice', record(2, u64(id, 1n))],
    ['reserved bytes in use', record(0, u8(230, 1))],
    ['freed, with another body', (region, { recordsAt }) => (region[recordsAt + recordBytes + 70] = 200)],
    ['a freed slot before it never used', record(1, u64(id, 0n)), 'record-after-unused'],
    ['in use behind one never used', copyOfRecord(0, 9, 2), 'record-after-unused'],
    [
      'freed behind one never used',
      (region, { recordsAt }) => (region[recordsAt + 9 * recordBytes + id] = 7),
      'record-after-unused'
    ],
    ['another body in one never used', (region, { recordsAt }) => (region[recordsAt + 9 * recordBytes + 70] = 7)],
    ['in state 9 behind one never used', recordState(9, 9), 'record-after-unused'],
    ['owner of 32 bytes', record(0, text(128, 32, 'a'.repeat(32))), 'record-text'],
    ['owner with a slash', record(0, text(128, 32, 'a/b'))],
    ['purpose with a line end', record(0, text(160, 64, 'a\nb')), 'record-text'],
    ['purpose with something behind its end', record(0, text(160, 64, 'a\0b')), 'record-text']
  ]),
  ...under('name', [
    ...[' ', '.', 'a b', 'é', '計', '\u{1f600}', '\u00ad', '\ufffd', '\ue000', '\u{3134f}', 'a'.repeat(63)].map(
      (content): Row => [`${JSON.stringify(content)} is one`, record(0, name(content))]
    ),
    ...['', '/', 'a/b', '\t', '\x7f', '\u0085', '\u061c', '\u200b', '\u2028', '\u202e', '\u2060', '\ufeff'].map(
      (content): Row => [`${JSON.stringify(content)} is none`, record(0, name(content)), 'record-text']
    ),
    ...['\ufff9', '\uffff', '\u{1fffe}', '\u{e0001}', '\u{f0000}', '\u{10fffd}', 'a'.repeat(64)].map((content): Row => [
      `${JSON.stringify(content)} is none`,
      record(0, name(content)),
      'record-text'
    ]),
    ['a stray byte is none', record(0, name([0x61, 0xff])), 'record-text'],
    ['a surrogate is none', record(0, name([0xed, 0xa0, 0x80])), 'record-text'],
    ['an overlong slash is none', record(0, name([0xc0, 0xaf])), 'record-text'],
    ['something behind the end', record(0, name([0x61, 0, 0x62])), 'record-text']
  ]),
  ...under('log', [
    ['the newest torn', (region, { logAt, logEntries }) => (region[logAt + logEntries * 128 - 60] = 9), 'log-crc'],
    ['one in the middle torn', (region, { logAt }) => (region[logAt + 3 * 128 + 60] = 9), 'log-crc'],
    ['an entry in another slot', logEntry(3, u64(8, 5n)), 'log-slot'],
    ['a sequence one round on', logEntry(3, u64(8, 260n))],
    ['a sequence ten rounds on', logEntry(3, u64(8, 2564n))],
    ['a sequence beyond 2^62', logEntry(3, u64(8, (1n << 62n) + 260n)), 'log-slot'],
    ['verb 0', logEntry(3, u8(4, 0)), 'log-verb'],
    ['verb 99 in the newest', (region, of) => logEntry(of.logEntries - 1, u8(4, 99))(region, of), 'log-verb'],
    ['flags', logEntry(3, u8(6, 9))],
    ['an actor that cannot be printed', logEntry(3, u8(56, 7))],
    ['a detail without an end', logEntry(3, text(80, 48, 'a'.repeat(48)))],
    ['a page far away', logEntry(3, u64(40, 1n << 40n))]
  ])
]

/** Frees the page that a record says is its head. */
function clearHead(region: Uint8Array, of: Parameters<Change>[1], slot: number): void {
  const at = of.recordsAt + slot * recordBytes + page
  pageState(new DataView(region.buffer).getUint32(at, true), 0)(region, of)
}
