// SPDX-License-Identifier: GPL-2.0-or-later
/** Both readers on the same bytes: what each says, in the terms of the protocol. */
import { z } from 'zod'
import { isFatal } from './findings.ts'
import type { NativeHost } from './native.ts'
import { readPool, type Image, type PoolRead } from './reader.ts'
import type { RegionBody } from './region.ts'
import {
  allocationsView,
  badView,
  bodiesOf,
  logView,
  nothingRecovered,
  poolView,
  recoveryView,
  superblockOf,
  usageView
} from './views.ts'

export const poolName = 'lab'

/** All regions of the host. */
export const read = (host: NativeHost): PoolRead => readPool(host.images())
export const readImage = (bytes: Uint8Array, physicalBase?: number): PoolRead =>
  readPool([{ bytes, ...(physicalBase !== undefined && { physicalBase }) } satisfies Image])

/** Of the first region there. */
export function bodyOf(pool: PoolRead): RegionBody {
  const [body] = bodiesOf(pool)
  if (!body) throw new Error('this reader found no pool')
  return body
}

export interface Views {
  readonly native: unknown
  readonly own: unknown
}

const whole = { next: z.null().optional() } // all came in one answer
const contents = z.tuple([
  z.object({ allocations: z.unknown(), ...whole }),
  z.object({ bad: z.unknown(), ...whole }),
  z.object({ entries: z.unknown() })
])

/** Allocations, bad pages and log of a pool, by the program and by this reader, in the same shape. */
export function contentViews(host: NativeHost, own = read(host)): Views {
  const pool = superblockOf(own).poolUuid
  const answers = host.ask([
    ['allocation/list', { pool }],
    ['bad/list', { pool }],
    ['log/list', { pool, limit: 1000 }]
  ])
  const [{ allocations }, { bad }, { entries }] = contents.parse(answers)
  return {
    native: { allocations, bad, log: entries },
    own: { allocations: allocationsView(own), bad: badView(own), log: logView(own) }
  }
}

const regions = z.array(z.looseObject({ error: z.looseObject({}).nullable() }))
const described = z.looseObject({ uuid: z.string(), regions })
const pools = z.tuple([described, z.object({ pools: z.array(described) })])

/** What is wrong with a missing region is told in words; that something is, in the same shape. */
const comparable = (pool: z.infer<typeof described>): unknown => ({
  ...pool,
  regions: pool.regions.map(({ error, ...region }) => ({ ...region, present: error === null }))
})

/** The same, with all that there is to say of the pool itself. */
export function fullViews(host: NativeHost, own = read(host)): Views {
  const { poolUuid } = superblockOf(own)
  const answers = host.ask([
    ['pool/info', { pool: poolUuid }],
    ['pool/list', {}]
  ])
  const [info, list] = pools.parse(answers)
  const listed = list.pools.filter(({ uuid }) => uuid === poolUuid).map(comparable)
  const content = contentViews(host, own)
  const pool = poolView(host, own)
  return {
    native: { info: comparable(info), listed, content: content.native },
    own: { info: pool, listed: [pool], content: content.own }
  }
}

const attached = z.object({
  name: z.string(),
  readOnly: z.boolean(),
  degraded: z.boolean(),
  usage: z.unknown(),
  recovered: z.unknown()
})
const kinds = z.object({ kind: z.string() })
const answers: Readonly<Record<string, string>> = {
  'pool-newer': 'format-newer',
  'pool-older': 'format-older',
  'pool-damaged': 'corrupt',
  'pool-corrupt': 'corrupt',
  'pool-format-newer': 'format-newer',
  'pool-format-older': 'format-older',
  'region-moved': 'moved',
  'pool-foreign': 'foreign',
  data: 'no-pool',
  blank: 'no-pool'
}

/** A pool that cannot be read is none to the verbs that take one; region recognise says what is there then. */
function nativeRefusal(host: NativeHost, error: string | undefined): string {
  const said =
    error === 'pool-not-found' ? host.get(kinds, ['region', 'recognise', host.regionId()]).kind : (error ?? 'nothing')
  return answers[said] ?? said
}

export interface Verdict {
  /** an answer of the reader, or what the program said instead of one */
  readonly answer: string
  /** of a pool that attaches: its name, and its figures after what attach had to do */
  readonly name?: string | null
  readonly usage?: unknown
  readonly recovered?: unknown
}

export function ownVerdict(pool: PoolRead): Verdict {
  const { answer } = pool
  if (pool.members.length === 0) return { answer }
  const mended = answer === 'attach'
  return {
    answer,
    name: superblockOf(pool).poolName,
    usage: usageView(pool, mended ? 'recovered' : 'now'),
    recovered: mended ? recoveryView(pool) : nothingRecovered
  }
}

/** By the program; it attaches, and so mends what can be mended. */
export function nativeVerdict(host: NativeHost, pool: string): Verdict {
  const { status, result, error } = host.run(['pool', 'info', pool])
  if (status !== 0) return { answer: nativeRefusal(host, error) }
  const { name, readOnly, degraded, usage, recovered } = attached.parse(result)
  return { answer: degraded ? 'degraded' : readOnly ? 'read-only' : 'attach', name, usage, recovered }
}

export const codesOf = (pool: PoolRead): string[] =>
  pool.regions.flatMap(({ findings }) => findings.map(({ code }) => code))
export const fatalOf = (pool: PoolRead): string[] =>
  pool.regions.flatMap(({ findings }) => findings.filter(isFatal).map(({ code }) => code))
