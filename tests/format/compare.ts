// SPDX-License-Identifier: GPL-2.0-or-later
/** Both readers on the same bytes: what each says, in the terms of the protocol. */
import { z } from 'zod'
import { isFatal } from './findings.ts'
import type { NativeHost } from './native.ts'
import { readRegion, type Books, type PoolRead, type Recovery, type RegionRead } from './reader.ts'
import { pageBytes } from './superblock.ts'

export const poolName = 'lab'
const nothingRecovered: Recovery = { runsTakenBack: 0, pagesTakenBack: 0, recordsFinished: 0, recordsDropped: 0 }
/** The protocol has integers below 2^53 only; what is larger is shown as the largest. */
const shown = (value: bigint | number): number => Math.min(Number(value), Number.MAX_SAFE_INTEGER)
const milliseconds = (ns: bigint): number => Number(ns / 1_000_000n)

export const read = (host: NativeHost): RegionRead => readRegion(host.read(), host.base)

export function poolOf({ pool }: RegionRead): PoolRead {
  if (!pool) throw new Error('this reader found no pool')
  return pool
}

export const usageView = ({ usage, live }: Books, { recordSlots }: PoolRead): unknown => ({
  ...usage,
  records: live.length,
  recordSlots
})

export const allocationsView = ({ runs, live }: Books, { superblock }: PoolRead): unknown =>
  runs
    .filter(({ kind }) => kind === 'allocation')
    .map(({ page, pages }) => {
      const record = live.find((one) => one.page === page)
      return {
        page,
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
    })

export const logView = ({ log }: PoolRead): unknown =>
  log.entries.map((entry) => ({
    sequence: shown(entry.sequence),
    time: milliseconds(entry.timeNs),
    bootId: entry.bootId,
    verb: entry.verb,
    page: shown(entry.page),
    pages: shown(entry.pages),
    actor: entry.actor,
    detail: entry.detail
  }))

function poolView(host: NativeHost, { answer, pool }: RegionRead): unknown {
  if (!pool) return null
  const { superblock } = pool
  return {
    uuid: superblock.poolUuid,
    name: superblock.poolName,
    region: host.regionId,
    offset: superblock.physicalBase - host.base,
    base: superblock.physicalBase,
    size: superblock.regionBytes,
    pages: superblock.pageCount,
    dataFirst: superblock.dataFirst,
    dataEnd: superblock.dataEnd,
    createdAt: milliseconds(superblock.createdNs),
    createdBootId: superblock.createdBootId,
    formatVersion: superblock.version,
    readOnly: answer === 'read-only',
    sequence: shown(pool.log.newest),
    usage: usageView(pool.now, pool),
    recovered: nothingRecovered
  }
}

export interface Views {
  readonly native: unknown
  readonly own: unknown
}

/** Allocations and log of a pool, by the program and by this reader, in the same shape. */
export function contentViews(host: NativeHost, own = read(host)): Views {
  const pool = poolOf(own)
  const uuid = pool.superblock.poolUuid
  const { allocations } = host.get(z.object({ allocations: z.unknown() }), ['list', uuid])
  const { entries } = host.get(z.object({ entries: z.unknown() }), ['log', uuid, '--limit', '1000'])
  return {
    native: { allocations, log: entries },
    own: { allocations: allocationsView(pool.now, pool), log: logView(pool) }
  }
}

/** The same, with all that there is to say of the pool itself. */
export function fullViews(host: NativeHost, own = read(host)): Views {
  const { poolUuid } = poolOf(own).superblock
  const info = host.get(z.unknown(), ['pool', 'info', poolUuid])
  const { pools } = host.get(z.object({ pools: z.array(z.looseObject({ uuid: z.string() })) }), ['pool', 'list'])
  const listed = pools.find(({ uuid }) => uuid === poolUuid)
  const content = contentViews(host, own)
  const pool = poolView(host, own)
  return { native: { info, listed, content: content.native }, own: { info: pool, listed: pool, content: content.own } }
}

const kinds = z.object({ kind: z.string() })
const attached = z.object({ name: z.string(), readOnly: z.boolean(), usage: z.unknown(), recovered: z.unknown() })

/** A pool that cannot be read is none to the verbs that take one; region recognise says what is there then. */
function nativeRefusal(host: NativeHost, error: string | undefined): string {
  if (error === 'pool-corrupt') return 'corrupt'
  if (error === 'region-moved') return 'moved'
  if (error !== 'pool-not-found') return error ?? 'no error named'
  const { kind } = host.get(kinds, ['region', 'recognise', host.regionId])
  if (kind === 'pool-newer') return 'format-newer'
  if (kind === 'pool-damaged') return 'corrupt'
  return kind === 'data' || kind === 'blank' ? 'no-pool' : `not found, but ${kind}`
}

export interface Verdict {
  /** an Answer, or the error that stands for none */
  readonly answer: string
  /** of a pool that attaches: its name, and its figures after what attach had to do */
  readonly name?: string | null
  readonly usage?: unknown
  readonly recovered?: unknown
}

export function ownVerdict({ answer, pool }: RegionRead): Verdict {
  if (!pool || (answer !== 'attach' && answer !== 'read-only')) return { answer }
  const mended = answer === 'attach'
  return {
    answer,
    name: pool.superblock.poolName,
    usage: usageView(mended ? pool.recovered : pool.now, pool),
    recovered: mended ? pool.recovery : nothingRecovered
  }
}

/** By the program; it attaches, and so mends what can be mended. */
export function nativeVerdict(host: NativeHost, pool: string): Verdict {
  const { status, result, error } = host.run(['pool', 'info', pool])
  if (status !== 0) return { answer: nativeRefusal(host, error) }
  const { name, readOnly, usage, recovered } = attached.parse(result)
  return { answer: readOnly ? 'read-only' : 'attach', name, usage, recovered }
}

export const fatalOf = (own: RegionRead): string[] => own.findings.filter(isFatal).map(({ code }) => code)
