// SPDX-License-Identifier: GPL-2.0-or-later
/** What this reader read, in the terms of the protocol. */
import type { NativeHost } from './native.ts'
import { usageOf, type PageRun, type Usage } from './pages.ts'
import type { Member, PoolRead } from './reader.ts'
import type { RegionRecord } from './records.ts'
import type { Books, RegionBody } from './region.ts'
import { pageBytes, type Superblock } from './superblock.ts'

/** As the pool stands, or as it is after attach has mended it. */
export type Moment = 'now' | 'recovered'

export const nothingRecovered = {
  runsTakenBack: 0,
  pagesTakenBack: 0,
  recordsFinished: 0,
  recordsDropped: 0,
  checksRenewed: 0,
  blocksTakenBack: 0,
  superblockMended: false
} as const
export type RecoveryView = Record<Exclude<keyof typeof nothingRecovered, 'superblockMended'>, number> & {
  superblockMended: boolean
}

/** The protocol has integers below 2^53 only; what is larger is shown as the largest. */
export const shown = (value: bigint | number): number => Math.min(Number(value), Number.MAX_SAFE_INTEGER)
const milliseconds = (ns: bigint): number => Number(ns / 1_000_000n)

export const bodiesOf = ({ members }: PoolRead): RegionBody[] => members.flatMap(({ body }) => (body ? [body] : []))

export function superblockOf({ superblock }: PoolRead): Superblock {
  if (!superblock) throw new Error('this reader found no pool')
  return superblock
}

const isNamed = ({ kind }: RegionRecord): boolean => kind === 'allocation'

/** Pages that hold slots read as allocated, and are metadata. */
function bodyUsage(body: RegionBody, moment: Moment): Usage {
  const usage = usageOf(body[moment].runs, body.superblock)
  const parts = body[moment].live.filter(({ kind }) => kind === 'directory')
  const pages = parts.reduce((total, part) => total + part.pages, 0)
  return {
    ...usage,
    pagesAllocated: usage.pagesAllocated - pages,
    pagesMetadata: usage.pagesMetadata + pages,
    allocations: usage.allocations - parts.length
  }
}

export function usageView(pool: PoolRead, moment: Moment): unknown {
  const bodies = bodiesOf(pool)
  const all = bodies.map((body) => bodyUsage(body, moment))
  const sum = (of: (usage: (typeof all)[number]) => number): number => all.reduce((total, one) => total + of(one), 0)
  const orders = all.map(({ largestFreeOrder }) => largestFreeOrder ?? -1)
  const largest = Math.max(-1, ...orders)
  return {
    pagesFree: sum((one) => one.pagesFree),
    pagesAllocated: sum((one) => one.pagesAllocated),
    pagesBad: sum((one) => one.pagesBad),
    pagesMetadata: sum((one) => one.pagesMetadata),
    allocations: sum((one) => one.allocations),
    largestFreeRun: Math.max(0, ...all.map(({ largestFreeRun }) => largestFreeRun)),
    largestFreeOrder: largest < 0 ? null : largest,
    records: bodies.flatMap((body) => body[moment].live.filter(isNamed)).length,
    recordSlots: bodies.reduce((total, { recordSlots }) => total + recordSlots, 0)
  }
}

/** A region that joins was dropped by its region 0 alone; a region takes over the name of region 0. */
export function recoveryView(pool: PoolRead): RecoveryView {
  const total: RecoveryView = { ...nothingRecovered }
  total.recordsFinished += pool.joined ? 1 : 0
  total.recordsDropped -= pool.joined ? 1 : 0
  for (const { recovery, superblock } of bodiesOf(pool)) {
    total.superblockMended ||= superblock.poolName !== pool.superblock?.poolName
    total.runsTakenBack += recovery.runsTakenBack
    total.pagesTakenBack += recovery.pagesTakenBack
    total.recordsFinished += recovery.recordsFinished
    total.recordsDropped += recovery.recordsDropped
    total.checksRenewed += recovery.checksRenewed
    total.blocksTakenBack += recovery.blocksTakenBack
    total.superblockMended ||= recovery.superblockMended
  }
  return total
}

function allocationView({ page, pages }: PageRun, { live }: Books, superblock: Superblock): unknown {
  const record = live.find((one) => isNamed(one) && one.page === page)
  return {
    page: superblock.firstPoolPage + page,
    pages,
    pfn: superblock.physicalBase / pageBytes + page,
    address: superblock.physicalBase + page * pageBytes,
    record: record
      ? {
          id: shown(record.id),
          name: record.name,
          owner: record.owner,
          purpose: record.purpose,
          createdAt: milliseconds(record.createdNs),
          bootId: record.bootId
        }
      : null
  }
}

/** Runs of the directory are no allocations. */
export const allocationsView = (pool: PoolRead): unknown[] =>
  bodiesOf(pool).flatMap(({ now, superblock }) => {
    const directory = new Set(now.live.flatMap(({ kind, page }) => (kind === 'directory' ? [page] : [])))
    return now.runs
      .filter(({ kind, page }) => kind === 'allocation' && !directory.has(page))
      .map((run) => allocationView(run, now, superblock))
  })

export const badView = (pool: PoolRead): unknown[] =>
  bodiesOf(pool).flatMap(({ now, superblock }) =>
    now.live
      .filter(({ kind }) => kind === 'quarantine')
      .toSorted((one, other) => one.page - other.page)
      .map((record) => ({
        recordId: shown(record.id),
        page: superblock.firstPoolPage + record.page,
        pages: record.pages,
        address: superblock.physicalBase + record.page * pageBytes,
        who: record.owner,
        why: record.purpose,
        at: milliseconds(record.createdNs),
        bootId: record.bootId
      }))
  )

export const logView = (pool: PoolRead): unknown[] =>
  (bodiesOf(pool)[0]?.log?.entries ?? []).map((entry) => ({
    sequence: shown(entry.sequence),
    time: milliseconds(entry.timeNs),
    bootId: entry.bootId,
    verb: entry.verb,
    page: shown(entry.page),
    pages: shown(entry.pages),
    actor: entry.actor,
    detail: entry.detail
  }))

/** The region of the host that a member stands in. */
function placeOf(host: NativeHost, base: number): { region: string; offset: number } {
  const nth = host.places.findIndex((place) => base >= place.base && base < place.base + place.bytes)
  return { region: host.regionId(nth), offset: base - (host.places[nth]?.base ?? 0) }
}

/** Behind the section, in the order in which they lead to each other. */
const partsOf = (body: RegionBody | null, firstPoolPage: number): unknown[] =>
  (body?.now.live ?? [])
    .filter(({ kind }) => kind === 'directory')
    .map(({ page, pages }) => ({ page: firstPoolPage + page, pages }))

function regionView(host: NativeHost, member: Member): unknown {
  const { body, firstPoolPage } = member
  const data = body?.superblock
  return {
    index: member.index,
    uuid: member.uuid ?? '00000000-0000-0000-0000-000000000000',
    ...(body ? placeOf(host, member.physicalBase) : { region: null, offset: 0 }),
    base: member.physicalBase,
    size: member.pageCount * pageBytes,
    firstPage: firstPoolPage,
    pages: member.pageCount,
    dataFirst: firstPoolPage + (data?.dataFirst ?? 0),
    dataEnd: firstPoolPage + (data?.dataEnd ?? 0),
    directory: partsOf(body, firstPoolPage),
    medium: member.medium,
    numaNode: member.numaNode < 0 ? null : member.numaNode,
    present: body !== null
  }
}

export function poolView(host: NativeHost, pool: PoolRead): unknown {
  const superblock = superblockOf(pool)
  const last = pool.members.at(-1)
  const there = pool.members.findLast(({ body }) => body)
  return {
    uuid: superblock.poolUuid,
    name: superblock.poolName,
    ...placeOf(host, superblock.physicalBase),
    base: superblock.physicalBase,
    size: pool.members.reduce((sum, { pageCount }) => sum + pageCount * pageBytes, 0),
    pages: last ? last.firstPoolPage + last.pageCount : 0,
    dataFirst: superblock.firstPoolPage + superblock.dataFirst,
    dataEnd: there ? there.firstPoolPage + (there.body?.superblock.dataEnd ?? 0) : 0,
    regions: pool.members.map((member) => regionView(host, member)),
    degraded: pool.answer === 'degraded',
    createdAt: milliseconds(superblock.createdNs),
    createdBootId: superblock.createdBootId,
    formatVersion: superblock.version,
    readOnly: pool.answer === 'read-only' || pool.answer === 'degraded',
    sequence: shown(bodiesOf(pool)[0]?.log?.newest ?? 0n),
    usage: usageView(pool, 'now'),
    recovered: nothingRecovered
  }
}
