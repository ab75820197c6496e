// SPDX-License-Identifier: GPL-2.0-or-later
/** What can be wrong with records and log entries. */
import { under, type Damage, type Row } from './damages.ts'
import {
  all,
  copyOfRecord,
  edits,
  logEntry,
  pageState,
  record,
  recordByte,
  recordState,
  slotAt,
  text,
  u16,
  u32,
  u64,
  u8,
  type Change
} from './patch.ts'
import { recordBytes } from './records.ts'
import { pageCount } from './specimen.ts'
import { pageBytes } from './superblock.ts'

const kind = 12
const id = 16
const page = 24
const pages = 32
const replaces = 224
const name = (content: string | readonly number[]): ((view: DataView) => void) => text(64, 64, content)
const far = u64(page, 1900n)

/** The id of a record that another one replaces. */
const replacing =
  (old: 'db' | 'cache', state: number, oldState: number): Change =>
  (region, specimen) => {
    const oldId = new DataView(region.buffer).getBigUint64(slotAt(old, specimen) + id, true)
    copyOfRecord(old, 'unused', state, edits(u64(replaces, oldId), name('renamed')))(region, specimen)
    recordState(old, oldState)(region, specimen)
  }

/** A second part of the directory, at an unnamed run whose pages are all zero. */
const secondPart = (state: number, at: bigint, count: bigint): Change =>
  copyOfRecord('db', 0, state, edits(u16(kind, 1), name(''), u64(page, at), u64(pages, count)))

/** Slot 0 of the second part is as slot 0 of the first. */
const endless: Change = all(secondPart(2, 10n, 8n), (region, { recordsAt }) => {
  region.copyWithin(10 * pageBytes, recordsAt, recordsAt + recordBytes)
})

const allocationDamages = under('record', [
  ['pending, run there', recordState('db', 1), 'record-pending'],
  ['pending, run of another length', all(record('db', u64(pages, 4n)), recordState('db', 1)), 'record-pending'],
  ['pending, pages free', all(record('db', far), recordState('db', 1)), 'record-pending'],
  ['pending, outside the data', all(record('db', u64(page, 3n)), recordState('db', 1)), 'record-range'],
  ['pending, of no pages', all(record('db', u64(pages, 0n)), recordState('db', 1)), 'record-range'],
  ['pending, far away', all(record('db', u64(page, 1n << 62n)), recordState('db', 1)), 'record-range'],
  ['pending with the name of a live one', all(record('cache', name('db')), recordState('cache', 1)), 'record-pending'],
  ['pending on the page of a live one', copyOfRecord('db', 'unused', 1), 'record-pending'],
  ['pending twice', all(copyOfRecord('db', 'unused', 1), recordState('db', 1)), 'record-pending'],
  ['leaving, run there', recordState('db', 3), 'record-leaving'],
  ['leaving, run of another length', all(record('db', u64(pages, 4n)), recordState('db', 3)), 'record-leaving'],
  ['leaving with the name of a live one', all(record('cache', name('db')), recordState('cache', 3)), 'record-leaving'],
  ['leaving on the page of a live one', copyOfRecord('db', 'unused', 3), 'record-leaving'],
  ['leaving twice', all(copyOfRecord('db', 'unused', 3), recordState('db', 3)), 'record-leaving'],
  ['pending, then leaving', all(copyOfRecord('db', 'unused', 3), recordState('db', 1)), 'record-leaving'],
  ['leaving, then pending', all(copyOfRecord('db', 'unused', 1), recordState('db', 3)), 'record-leaving'],
  ['live twice', copyOfRecord('db', 'unused', 2), 'record-page-twice'],
  ['live twice, one replaces the other', replacing('db', 2, 2), 'record-replaced'],
  ['pending, replaces a live one', replacing('db', 1, 2), 'record-pending'],
  ['live, has replaced a freed one', replacing('db', 2, 0)],
  [
    'live, replaces one of another length',
    all(replacing('db', 2, 2), record('db', u64(pages, 4n))),
    'record-page-twice'
  ],
  ['live with a name twice', record('cache', name('db')), 'record-name-twice'],
  ['live, longer than its run', record('db', u64(pages, 6n)), 'record-without-head'],
  ['live, past the end', record('db', u64(pages, BigInt(pageCount))), 'record-range'],
  ['live, of 2^64 - 1 pages', record('db', u64(pages, (1n << 64n) - 1n)), 'record-range'],
  ['live, its head free', (region, of) => headOf('db', region, of), 'record-without-head'],
  ['in state 4', recordState('db', 4), 'record-state'],
  ['in a state of unequal bytes', recordByte('db', 5, 1), 'record-state'],
  ['free by seven of eight bytes', recordByte('unused', 7, 2), 'record-state'],
  ['id 0', record('db', u64(id, 0n)), 'record-id'],
  ['id 2^62', record('db', u64(id, 1n << 62n))],
  ['id beyond 2^62', record('db', u64(id, (1n << 62n) + 1n)), 'record-id'],
  ['reserved bytes in use', record('db', u8(234, 1))],
  ['freed, with another body', recordByte('freed', 70, 200)],
  ['freed, with a far id', recordByte('freed', 18, 200)],
  ['another body in one never used', recordByte('unused', 70, 7)],
  ['owner of 32 bytes', record('db', text(128, 32, 'a'.repeat(32))), 'record-text'],
  ['owner with a slash', record('db', text(128, 32, 'a/b'))],
  ['purpose with a line end', record('db', text(160, 64, 'a\nb')), 'record-text'],
  ['purpose with something behind its end', record('db', text(160, 64, 'a\0b')), 'record-text']
])

/** A member behind this region, of its size. */
const member = (...more: readonly ((view: DataView) => void)[]): ((view: DataView) => void) =>
  edits(
    u16(kind, 3),
    u16(14, 1),
    u64(page, 2048n),
    u64(pages, 2048n),
    name(''),
    text(224, 16, 'another region!!'),
    u64(240, 1n << 33n),
    u32(248, 1),
    u32(252, 0xffffffff),
    ...more
  )

const kindDamages = under('record of another kind', [
  ['kind 4', record('db', u16(kind, 4)), 'record-kind'],
  ['a quarantine with a name', record('bad', name('x')), 'record-text'],
  ['a quarantine of one page more', record('bad', u64(pages, 4n)), 'quarantine-open'],
  ['a quarantine of one page less', record('bad', u64(pages, 2n)), 'page-nobodys'],
  ['a quarantine of an allocation', record('db', edits(u16(kind, 2), name(''))), 'quarantine-open'],
  ['an allocation of bad pages', record('bad', edits(u16(kind, 0), name('x'))), 'record-without-head'],
  [
    'a quarantine inside another',
    copyOfRecord('bad', 'unused', 2, edits(u64(page, 401n), u64(pages, 1n))),
    'records-overlap'
  ],
  ['a quarantine twice', copyOfRecord('bad', 'unused', 2), 'record-page-twice'],
  ['a pending quarantine', recordState('bad', 1), 'record-pending'],
  ['a pending quarantine inside another', copyOfRecord('bad', 'unused', 1), 'record-pending'],
  ['a pending quarantine that did not get far', all(recordState('bad', 1), pageState(402, 0)), 'record-pending'],
  ['a leaving quarantine', recordState('bad', 3), 'record-leaving'],
  ['a leaving quarantine, some of it free', all(recordState('bad', 3), pageState(400, 0)), 'record-leaving'],
  ['a directory in another slot', record('db', edits(u16(kind, 1), name(''))), 'record-kind'],
  ['an allocation in slot 0', copyOfRecord('db', 0, 2, name('x')), 'record-kind'],
  ['a second part', secondPart(2, 10n, 8n)],
  ['a second part that is no run', secondPart(2, 10n, 7n), 'record-without-head'],
  ['a second part that is its own next', endless, 'record-page-twice'],
  [
    'a second part with something else in it',
    all(secondPart(2, 10n, 8n), (region) => region.fill(7, 10 * pageBytes + 700, 10 * pageBytes + 800)),
    'record-state'
  ],
  ['a second part outside the data', secondPart(2, 2n, 1n), 'record-range'],
  ['a second part that is pending', secondPart(1, 10n, 8n), 'record-pending'],
  ['a second part that is pending, its pages fenced', all(secondPart(1, 10n, 8n), pageState(10, 2)), 'fence'],
  ['a member that is not there', copyOfRecord('db', 'unused', 2, member())],
  ['a pending member that is not there', copyOfRecord('db', 'unused', 1, member()), 'record-pending'],
  ['a leaving member', copyOfRecord('db', 'unused', 3, member()), 'record-state'],
  ['a member with index 0', copyOfRecord('db', 'unused', 2, member(u16(14, 0))), 'record-range'],
  ['a member with index 2', copyOfRecord('db', 'unused', 2, member(u16(14, 2)))],
  ['a member inside a block', copyOfRecord('db', 'unused', 2, member(u64(page, 2049n))), 'record-range'],
  ['a member too far behind', copyOfRecord('db', 'unused', 2, member(u64(page, 4096n)))],
  ['a member over this region', copyOfRecord('db', 'unused', 2, member(u64(page, 512n)))],
  ['a member of 255 pages', copyOfRecord('db', 'unused', 2, member(u64(pages, 255n))), 'record-range'],
  ['a member of medium 5', copyOfRecord('db', 'unused', 2, member(u32(248, 5))), 'record-range'],
  ['a member on node -2', copyOfRecord('db', 'unused', 2, member(u32(252, 0xfffffffe))), 'record-range'],
  ['a member between pages', copyOfRecord('db', 'unused', 2, member(u64(240, 4097n))), 'record-range'],
  ['a member with a name', copyOfRecord('db', 'unused', 2, member(name('x'))), 'record-text']
])

const nameDamages = under('name', [
  ...[' ', '.', 'a b', 'é', '計', '\u{1f600}', '\u00ad', '\ufffd', '\ue000', '\u{3134f}', 'a'.repeat(63)].map(
    (content): Row => [`${JSON.stringify(content)} is one`, record('db', name(content))]
  ),
  ...['', '/', 'a/b', '\t', '\x7f', '\u0085', '\u061c', '\u200b', '\u2028', '\u202e', '\u2060', '\ufeff'].map(
    (content): Row => [`${JSON.stringify(content)} is none`, record('db', name(content)), 'record-text']
  ),
  ...['\ufff9', '\uffff', '\u{1fffe}', '\u{e0001}', '\u{f0000}', '\u{10fffd}', 'a'.repeat(64)].map((content): Row => [
    `${JSON.stringify(content)} is none`,
    record('db', name(content)),
    'record-text'
  ]),
  ['a stray byte is none', record('db', name([0x61, 0xff])), 'record-text'],
  ['a surrogate is none', record('db', name([0xed, 0xa0, 0x80])), 'record-text'],
  ['an overlong slash is none', record('db', name([0xc0, 0xaf])), 'record-text'],
  ['something behind the end', record('db', name([0x61, 0, 0x62])), 'record-text']
])

const logDamages = under('log', [
  ['the newest torn', (region, { logAt, logEntries }) => (region[logAt + logEntries * 128 - 60] = 9), 'log-crc'],
  ['one in the middle torn', (region, { logAt }) => (region[logAt + 3 * 128 + 60] = 9), 'log-crc'],
  ['an entry in another slot', logEntry(3, u64(8, 5n)), 'log-slot'],
  ['a sequence one round on', logEntry(3, u64(8, 132n))],
  ['a sequence ten rounds on', logEntry(3, u64(8, 1284n))],
  ['a sequence beyond 2^62', logEntry(3, u64(8, (1n << 62n) + 132n)), 'log-slot'],
  ['verb 0', logEntry(3, u8(4, 0)), 'log-verb'],
  ['verb 99 in the newest', (region, of) => logEntry(of.logEntries - 1, u8(4, 99))(region, of), 'log-verb'],
  ['flags', logEntry(3, u8(6, 9))],
  ['an actor that cannot be printed', logEntry(3, u8(56, 7))],
  ['a detail without an end', logEntry(3, text(80, 48, 'a'.repeat(48)))],
  ['a page far away', logEntry(3, u64(40, 1n << 40n))]
])

/** Frees the page that a record says is its head. */
function headOf(slot: 'db', region: Uint8Array, of: Parameters<Change>[1]): void {
  pageState(new DataView(region.buffer).getUint32(slotAt(slot, of) + page, true), 0)(region, of)
}

export const recordDamages: readonly Damage[] = [...allocationDamages, ...kindDamages, ...nameDamages, ...logDamages]
