// SPDX-License-Identifier: GPL-2.0-or-later
/** A pool to damage: everything that can stand in one region, put back for each case. */
import { poolName, read } from './compare.ts'
import { defaultBase, NativeHost } from './native.ts'
import type { Change } from './patch.ts'
import type { Member } from './reader.ts'
import { recordBytes, type RegionRecord } from './records.ts'
import { pageBytes, sectionTypes } from './superblock.ts'
import { superblockOf } from './views.ts'

/** Four blocks: the first and the last are split from the start; data begins at page 9. */
export const regionBytes = 8 * 2 ** 20
export const pageCount = regionBytes / pageBytes
export const dataFirst = 9

const firstPages = 20 // metadata, and what a case makes a part of the directory
const partBytes = 16 * pageBytes // no part of a specimen is longer

/** At a place of its own, so that another way to search changes nothing. */
function allocAt(page: number, pages: number, ...more: readonly string[]): readonly string[] {
  const address = defaultBase + page * pageBytes
  const bounds = ['--from', `${address}`, '--to', `${address + pages * pageBytes}`]
  return ['alloc', poolName, '--pages', `${pages}`, ...bounds, ...more]
}

const acts: readonly (readonly string[])[] = [
  allocAt(9, 1),
  allocAt(10, 8),
  allocAt(18, 37),
  allocAt(55, 5, '--name', 'db', '--owner', 'tester'),
  allocAt(60, 40, '--name', 'passing'),
  allocAt(100, 33, '--name', 'cache', '--owner', 'tester'),
  ['bad', 'add', poolName, '400', '--pages', '3', '--why', 'bit 5 stuck'],
  allocAt(512, 512),
  ['free', poolName, 'passing', '--yes']
]

/** Where everything stands in a region. */
export class RegionSpecimen {
  readonly whole: Uint8Array
  readonly blocksAt: number
  readonly statesAt: number
  readonly recordsAt: number
  readonly sharedAt: number
  readonly logAt: number
  readonly logEntries: number
  /** by name, and `bad`, `member1` … by kind; `freed` and `unused` hold nothing */
  readonly slots: Readonly<Record<string, number>>
  /** where each slot of the directory stands, in bytes */
  readonly slotOffsets: readonly number[]
  /** where each part of it begins */
  readonly parts: readonly number[]

  constructor(whole: Uint8Array, { body }: Member) {
    if (!body) throw new Error('the region is not there')
    const { superblock, records, log } = body
    const at = (type: number): number => superblock.sections.find((one) => one.type === type)?.offset ?? 0
    this.whole = whole
    this.blocksAt = at(sectionTypes.blocks)
    this.statesAt = at(sectionTypes.states)
    this.recordsAt = at(sectionTypes.records)
    this.sharedAt = at(sectionTypes.shared)
    this.logAt = at(sectionTypes.log)
    this.logEntries = log?.entries.length ?? 0
    const grown = records.filter(({ kind }) => kind === 'directory')
    const spans = [{ start: this.recordsAt, pages: 1 }].concat(
      grown.map(({ page, pages }) => ({ start: page * pageBytes, pages }))
    )
    this.parts = spans.map(({ start }) => start)
    this.slotOffsets = spans.flatMap(({ start, pages }) =>
      Array.from({ length: (pages * pageBytes) / recordBytes }, (_, nth) => start + nth * recordBytes)
    )
    this.slots = {
      ...Object.fromEntries(records.map((record) => [labelOf(record), record.slot])),
      freed: this.freeSlots((id) => id !== 0).at(-1) ?? -1,
      unused: this.freeSlots((id) => id === 0).at(-1) ?? -1
    }
  }

  /** Those that hold no record and may, over all parts. */
  freeSlots(wanted: (id: number) => boolean = () => true): number[] {
    const starts = new Set(this.parts)
    return [...this.slotOffsets.entries()]
      .filter(([, at]) => !starts.has(at) && this.whole[at] === 0 && wanted(this.whole[at + 16] ?? 0))
      .map(([slot]) => slot)
  }
}

function labelOf({ kind, name, regionIndex }: RegionRecord): string {
  if (kind === 'quarantine') return 'bad'
  return kind === 'member' ? `member${regionIndex}` : name
}

/** The pool of one region that most cases damage. */
export class Specimen extends RegionSpecimen {
  readonly host: NativeHost
  readonly uuid: string

  constructor(bytes = regionBytes, more: readonly (readonly string[])[] = []) {
    const host = new NativeHost({ base: defaultBase, bytes })
    for (const act of [['pool', 'create', poolName], ...acts, ...more]) {
      const { status, error } = host.run(act)
      if (status !== 0) throw new Error(`${act.join(' ')}: ${error}`)
    }
    const pool = read(host)
    const [member] = pool.members
    if (!member) throw new Error('no pool was made')
    super(host.read(), member)
    this.host = host
    this.uuid = superblockOf(pool).poolUuid
  }

  /** Writes the pool anew, changed by `change`; answers what stands there then. Other data pages are never written. */
  set(change: Change): Uint8Array {
    const bytes = this.whole.slice()
    change(bytes, this)
    const last = bytes.length - pageBytes
    this.host.write(0, bytes.subarray(0, firstPages * pageBytes))
    this.host.write(last, bytes.subarray(last))
    for (const start of this.parts.slice(1)) this.host.write(start, bytes.subarray(start, start + partBytes))
    return bytes
  }
}
