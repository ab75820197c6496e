// SPDX-License-Identifier: GPL-2.0-or-later
/**
 * A second reader of the format, written from docs/format.md alone: it shares nothing with the native one, so that the
 * two can be held against each other. It reads, and never writes.
 */
import { replaced } from './directory.ts'
import type { RegionRecord } from './records.ts'
import { readRegion, type RegionAnswer, type RegionBody, type RegionRead } from './region.ts'
import { blockPages, type Superblock } from './superblock.ts'

export interface Image {
  readonly bytes: Uint8Array
  /** where it is now; undefined when that is not known */
  readonly physicalBase?: number
}

export type PoolAnswer = RegionAnswer | 'foreign' | 'degraded'

/** A region that the pool has. */
export interface Member {
  readonly index: number
  /** null: nothing tells of it */
  readonly uuid: string | null
  readonly firstPoolPage: number
  readonly pageCount: number
  readonly physicalBase: number
  readonly medium: Superblock['medium']
  readonly numaNode: number
  /** why it is not there; null when it is */
  readonly trouble: RegionAnswer | 'missing' | 'foreign' | null
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
  /** its last region was about to join: attach finishes that */
  readonly joined: boolean
}

interface Mapped {
  readonly read: RegionRead
  readonly base: number | undefined
}

const usable = ({ answer }: RegionRead): boolean => answer === 'attach' || answer === 'read-only'
const samePool = (read: RegionRead, of: Superblock): read is RegionRead & { superblock: Superblock } =>
  read.superblock?.poolUuid === of.poolUuid

const memberOf = (superblock: Superblock): Member => ({
  index: superblock.regionIndex,
  uuid: superblock.regionUuid,
  firstPoolPage: superblock.firstPoolPage,
  pageCount: superblock.pageCount,
  physicalBase: superblock.physicalBase,
  medium: superblock.medium,
  numaNode: superblock.numaNode,
  trouble: 'missing',
  body: null
})

const memberOfRecord = (record: RegionRecord): Member => ({
  index: record.regionIndex,
  uuid: record.regionUuid,
  firstPoolPage: record.page,
  pageCount: record.pages,
  physicalBase: record.physicalBase,
  medium: record.medium,
  numaNode: record.numaNode,
  trouble: 'missing',
  body: null
})

const matches = (superblock: Superblock, member: Member): boolean =>
  superblock.regionIndex === member.index &&
  superblock.regionUuid === member.uuid &&
  superblock.firstPoolPage === member.firstPoolPage &&
  superblock.pageCount === member.pageCount &&
  superblock.physicalBase === member.physicalBase

const roundedUp = (pages: number): number => Math.ceil(pages / blockPages) * blockPages

/** Every index once, and each region where the one before it ends. */
const isWhole = (members: readonly Member[]): boolean =>
  members.every(({ index, firstPoolPage }, nth) => {
    const before = members[nth - 1]
    return index === nth && firstPoolPage === (before ? roundedUp(before.firstPoolPage + before.pageCount) : 0)
  })

interface Listed {
  readonly members: Member[] | null
  readonly joined: boolean
  readonly joining?: Member | undefined
}

/** What region 0 says, with the region that was about to join when that is whole. */
function listed(zero: RegionBody, mapped: readonly Mapped[]): Listed {
  const named = zero.records.filter(({ kind, state }) => kind === 'member' && state === 'live').map(memberOfRecord)
  const members = [memberOf(zero.superblock), ...named.toSorted((one, other) => one.index - other.index)]
  const pending = zero.records.findLast(({ kind, state }) => kind === 'member' && state === 'pending')
  const joining = pending && memberOfRecord(pending)
  const joins = mapped.some(
    ({ read }) =>
      usable(read) &&
      samePool(read, zero.superblock) &&
      joining?.index === members.length &&
      matches(read.superblock, joining)
  )
  return joining && joins
    ? { members: [...members, joining], joined: true, joining }
    : { members, joined: false, joining }
}

const unknown = (index: number, firstPoolPage: number): Member => ({
  index,
  uuid: null,
  firstPoolPage,
  pageCount: 0,
  physicalBase: 0,
  medium: 'unknown',
  numaNode: -1,
  trouble: 'missing',
  body: null
})

/** What the regions there say of themselves, without region 0; null when that contradicts itself. */
function guessed(superblock: Superblock, mapped: readonly Mapped[]): Member[] | null {
  const told = mapped.flatMap(({ read }) => (samePool(read, superblock) ? [memberOf(read.superblock)] : []))
  const members: Member[] = []
  let end = 0
  for (let index = 0; index <= Math.max(...told.map((one) => one.index)); index++) {
    const member = told.find((one) => one.index === index) ?? unknown(index, end)
    if (member.firstPoolPage < end) return null
    end = member.firstPoolPage + member.pageCount
    members.push(member)
  }
  return members
}

/** The member that a mapping is: by its UUID, else by where it stands. */
function placeOf(members: readonly Member[], { read, base }: Mapped, superblock: Superblock): number {
  const own = samePool(read, superblock) ? members[read.superblock.regionIndex] : undefined
  if (own && !own.body && own.uuid === read.superblock?.regionUuid) return own.index
  return members.findIndex(({ body, uuid, physicalBase }) => !body && uuid !== null && physicalBase === base)
}

/** Puts a mapping in its place; false when the pool has none for it. */
function place(members: Member[], one: Mapped, superblock: Superblock): boolean {
  const nth = placeOf(members, one, superblock)
  const member = members[nth]
  if (!member) return false
  const { read } = one
  const isIt = samePool(read, superblock) && matches(read.superblock, member)
  const wrong = !read.superblock ? read.answer : !isIt ? 'foreign' : usable(read) ? null : read.answer
  const trouble = wrong === 'no-pool' ? 'missing' : wrong
  members[nth] = { ...member, trouble, body: trouble === null ? read.body : null }
  return true
}

/** Of all regions together: live names, of which no two may be alike. */
function namesClash(members: readonly Member[]): boolean {
  const names = members.flatMap(({ body }) => (body ? holdingNames(body) : []))
  return new Set(names).size !== names.length
}

function holdingNames({ records }: RegionBody): string[] {
  const old = replaced(records)
  return records.flatMap((one) =>
    one.kind === 'allocation' && one.state === 'live' && !old.includes(one) ? [one.name] : []
  )
}

export function readPool(images: readonly Image[]): PoolRead {
  const mapped = images.map(({ bytes, physicalBase }) => ({
    read: readRegion(bytes, physicalBase),
    base: physicalBase
  }))
  const regions = mapped.map(({ read }) => read)
  const none = (answer: PoolAnswer): PoolRead => ({ answer, regions, members: [], superblock: null, joined: false })
  const zero = regions.find((one) => usable(one) && one.superblock?.regionIndex === 0)?.body
  const some = regions.find(({ body, superblock }) => body && superblock?.regionIndex !== 0)
  const superblock = zero?.superblock ?? some?.superblock
  if (!superblock) return none(regions[0]?.answer ?? 'no-pool')
  const { members, joined, joining }: Listed = zero
    ? listed(zero, mapped)
    : { members: guessed(superblock, mapped), joined: false }
  if (!members || (zero && !isWhole(members))) return none('corrupt')
  const strays = mapped.filter(
    (one) => !place(members, one, superblock) && one.read.answer !== 'no-pool' && one.base !== joining?.physicalBase
  )
  const alien = strays.find(({ read }) => !samePool(read, superblock))
  if (alien) return none(alien.read.superblock ? 'foreign' : alien.read.answer)
  if (namesClash(members)) return none('corrupt')
  const degraded = strays.length > 0 || members.some(({ trouble }) => trouble !== null)
  const readOnly = members.some(({ body }) => body?.superblock.roCompat)
  return { answer: degraded ? 'degraded' : readOnly ? 'read-only' : 'attach', regions, members, superblock, joined }
}
