// SPDX-License-Identifier: GPL-2.0-or-later
/**
 * A second reader of the format, written from docs/format.md alone: it shares nothing with the native one, so that the
 * two can be held against each other. It reads, and never writes.
 */
import { blockPages, type Superblock } from './superblock.ts'
import { readRegion, type RegionAnswer, type RegionBody, type RegionRead } from './region.ts'

export interface Image {
  readonly bytes: Uint8Array
  /** where it is now; undefined when that is not known */
  readonly physicalBase?: number
}

export type PoolAnswer = RegionAnswer | 'foreign' | 'degraded'

/** A region that the pool has. */
export interface Member {
  readonly index: number
  readonly uuid: string
  readonly firstPoolPage: number
  readonly pageCount: number
  readonly physicalBase: number
  readonly medium: Superblock['medium']
  readonly numaNode: number
  /** why it is not there; null when it is */
  readonly trouble: Exclude<RegionAnswer, 'attach' | 'read-only'> | 'missing' | 'foreign' | null
  readonly body: RegionBody | null
}

export interface PoolRead {
  readonly answer: PoolAnswer
  /** one for each image, in their order */
  readonly regions: readonly RegionRead[]
  /** by index; empty when nothing can be read */
  readonly members: readonly Member[]
  /** of region 0, or of the first one there when that is missing */
  readonly superblock: Superblock | null
}

const usable = ({ answer }: RegionRead): boolean => answer === 'attach' || answer === 'read-only'
const troubleOf = ({ answer }: RegionRead): Member['trouble'] =>
  answer === 'attach' || answer === 'read-only' ? null : answer

function memberOf(superblock: Superblock, read: RegionRead): Member {
  return {
    index: superblock.regionIndex,
    uuid: superblock.regionUuid,
    firstPoolPage: superblock.firstPoolPage,
    pageCount: superblock.pageCount,
    physicalBase: superblock.physicalBase,
    medium: superblock.medium,
    numaNode: superblock.numaNode,
    trouble: troubleOf(read),
    body: usable(read) ? read.body : null
  }
}

/** Each region that region 0 names, held against what is there. */
function membersOf(zero: RegionBody, zeroRead: RegionRead, others: readonly RegionRead[]): Member[] {
  const named = zero.recovered.live.filter(({ kind }) => kind === 'member')
  const members = named.map((record): Member => {
    const same = others.find(({ superblock }) => superblock?.regionUuid === record.regionUuid)
    const there = same?.superblock
    const agrees =
      there?.regionIndex === record.regionIndex &&
      there.firstPoolPage === record.page &&
      there.pageCount === record.pages &&
      there.physicalBase === record.physicalBase
    const trouble = !same ? 'missing' : agrees ? troubleOf(same) : 'foreign'
    return {
      index: record.regionIndex,
      uuid: record.regionUuid,
      firstPoolPage: record.page,
      pageCount: record.pages,
      physicalBase: record.physicalBase,
      medium: record.medium,
      numaNode: record.numaNode,
      trouble,
      body: trouble === null && same ? same.body : null
    }
  })
  return [memberOf(zero.superblock, zeroRead), ...members.toSorted((one, other) => one.index - other.index)]
}

/** Every index once, and each region where the one before it ends. */
const isWhole = (members: readonly Member[]): boolean =>
  members.every(({ index, firstPoolPage }, nth) => {
    const before = members[nth - 1]
    const end = before ? before.firstPoolPage + before.pageCount : 0
    return index === nth && firstPoolPage === Math.ceil(end / blockPages) * blockPages
  })

const poolUuid = ({ superblock }: RegionRead): string | undefined => superblock?.poolUuid

export function readPool(images: readonly Image[]): PoolRead {
  const regions = images.map(({ bytes, physicalBase }) => readRegion(bytes, physicalBase))
  const none = (answer: PoolAnswer): PoolRead => ({ answer, regions, members: [], superblock: null })
  const first = regions.find(usable)
  if (!first?.body) return none(regions[0]?.answer ?? 'no-pool')
  if (regions.some((one) => one.superblock && poolUuid(one) !== poolUuid(first))) return none('foreign')
  const zero = regions.find((one) => usable(one) && one.superblock?.regionIndex === 0)
  const others = regions.filter((one) => one !== zero)
  const members = zero?.body
    ? membersOf(zero.body, zero, others)
    : others.flatMap((one) => (one.superblock ? [memberOf(one.superblock, one)] : []))
  if (zero && !isWhole(members)) return none('corrupt')
  const superblock = (zero ?? first).superblock
  const stray = others.some((one) => !members.some(({ uuid }) => uuid === one.superblock?.regionUuid))
  if (!zero || stray || members.some(({ trouble }) => trouble))
    return { answer: 'degraded', regions, members, superblock }
  const readOnly = regions.some(({ answer }) => answer === 'read-only')
  return { answer: readOnly ? 'read-only' : 'attach', regions, members, superblock }
}
