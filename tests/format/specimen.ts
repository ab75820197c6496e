// SPDX-License-Identifier: GPL-2.0-or-later
/** A pool to damage: everything that can stand in one region, put back for each case. */
import { bodyOf, poolName, read } from './compare.ts'
import { defaultBase, NativeHost } from './native.ts'
import type { Change, Slot } from './patch.ts'
import { recordBytes } from './records.ts'
import { pageBytes, sectionTypes } from './superblock.ts'

/** Four blocks: the first and the last are split from the start; data begins at page 9. */
export const regionBytes = 8 * 2 ** 20
export const pageCount = regionBytes / pageBytes
export const dataFirst = 9

const acts: readonly (readonly string[])[] = [
  ['alloc', poolName, '--pages', '1'], // at page 9
  ['alloc', poolName, '--pages', '8'],
  ['alloc', poolName, '--pages', '37'],
  ['alloc', poolName, '--pages', '5', '--name', 'db', '--owner', 'tester'],
  ['alloc', poolName, '--pages', '40', '--name', 'passing'],
  ['alloc', poolName, '--pages', '33', '--name', 'cache', '--owner', 'tester'],
  ['bad', 'add', poolName, '400', '--pages', '3', '--why', 'bit 5 stuck'],
  ['alloc', poolName, '--order', '9'], // block 1 or 2, whole
  ['free', poolName, 'passing', '--yes']
]

export class Specimen {
  readonly host: NativeHost
  readonly whole: Uint8Array
  readonly uuid: string
  readonly blocksAt: number
  readonly statesAt: number
  readonly recordsAt: number
  readonly sharedAt: number
  readonly logAt: number
  readonly logEntries: number
  readonly slots: Readonly<Record<Exclude<Slot, number>, number>>
  /** where each slot of the directory stands, in bytes */
  readonly slotOffsets: readonly number[]
  /** page index of the unnamed run of a whole block, and that block */
  readonly wholeBlock: number
  readonly #parts: readonly number[]

  constructor(bytes = regionBytes, more: readonly (readonly string[])[] = []) {
    this.host = new NativeHost({ base: defaultBase, bytes })
    for (const act of [['pool', 'create', poolName], ...acts, ...more]) {
      const { status, error } = this.host.run(act)
      if (status !== 0) throw new Error(`${act.join(' ')}: ${error}`)
    }
    const { superblock, log, records, now } = bodyOf(read(this.host))
    const at = (type: number): number => superblock.sections.find((one) => one.type === type)?.offset ?? 0
    this.uuid = superblock.poolUuid
    this.blocksAt = at(sectionTypes.blocks)
    this.statesAt = at(sectionTypes.states)
    this.recordsAt = at(sectionTypes.records)
    this.sharedAt = at(sectionTypes.shared)
    this.logAt = at(sectionTypes.log)
    this.logEntries = log?.entries.length ?? 0
    this.whole = this.host.read()
    const parts = records.filter(({ kind }) => kind === 'directory')
    const spans = [[this.recordsAt, 1], ...parts.map(({ page, pages }) => [page * pageBytes, pages])] as const
    this.#parts = spans.map(([start]) => start ?? 0)
    this.slotOffsets = spans.flatMap(([start = 0, pages = 0]) =>
      Array.from({ length: (pages * pageBytes) / recordBytes }, (_, nth) => start + nth * recordBytes)
    )
    const named = (name: string): number => records.find((one) => one.name === name)?.slot ?? -1
    this.slots = {
      db: named('db'),
      cache: named('cache'),
      bad: records.find(({ kind }) => kind === 'quarantine')?.slot ?? -1,
      freed: this.freeSlots((id) => id !== 0).at(-1) ?? -1,
      unused: this.freeSlots((id) => id === 0).at(-1) ?? -1
    }
    this.wholeBlock = (now.runs.find(({ kind, pages }) => kind === 'allocation' && pages === 512)?.page ?? 0) / 512
  }

  /** Those that hold no record and may, over all parts. */
  freeSlots(wanted: (id: number) => boolean = () => true): number[] {
    const starts = new Set(this.#parts)
    return [...this.slotOffsets.entries()]
      .filter(([, at]) => !starts.has(at) && this.whole[at] === 0 && wanted(this.whole[at + 16] ?? 0))
      .map(([slot]) => slot)
  }

  /** Writes the pool anew, changed by `change`; answers what stands there then. */
  set(change: Change): Uint8Array {
    const bytes = this.whole.slice()
    change(bytes, this)
    this.host.write(0, bytes)
    return bytes
  }
}
