// SPDX-License-Identifier: GPL-2.0-or-later
/** Check and repair of a pool's metadata. native/include/pmpool/check.h is the same table in C; a test compares them. */
import { z } from 'zod'
import { FileName, Uuid } from './model.ts'

const count = z.number().int().nonnegative()

/** What a check can find, by the stable code. */
export const findingCodes = [
  'superblock-a-damaged',
  'superblock-b-damaged',
  'superblock-a-stale',
  'superblock-b-stale',
  'superblocks-differ',
  'region-moved',
  'reserved-not-zero',
  'member-missing',
  'member-differs',
  'member-unknown',
  'block-state-damaged',
  'block-check-wrong',
  'block-check-late',
  'block-not-zero',
  'metadata-states-wrong',
  'run-without-head',
  'fence-left',
  'bad-without-record',
  'record-damaged',
  'record-state-damaged',
  'free-slot-damaged',
  'free-slot-torn',
  'record-in-flight',
  'record-without-head',
  'record-length-wrong',
  'run-past-end',
  'records-overlap',
  'name-twice',
  'id-twice',
  'quarantine-without-pages',
  'directory-broken',
  'log-entry-damaged',
  'log-entry-torn',
  'log-gap',
  'allocation-lost',
  'leaked-run'
] as const
export type FindingCode = (typeof findingCodes)[number]

export const Finding = z.object({
  code: z.enum(findingCodes),
  severity: z
    .enum(['damage', 'leftover', 'hint'])
    .describe('leftover: a crash leaves this and attaching takes it back; hint: nothing is wrong'),
  region: count.describe('index of the region in the pool'),
  offset: count.nullable().describe('bytes from the start of the region; null: it is about pages'),
  bytes: count,
  page: count.nullable().describe('page index inside the region; null: it is about bytes'),
  pages: count,
  text: z.string().describe('the evidence'),
  meaning: z.string().describe('of the code'),
  repairable: z.boolean(),
  repair: z.string().describe('what repair does about this code'),
  refusal: z.string().describe('why repair leaves this one alone; empty when it does not, or nothing is wrong')
})
export type Finding = z.infer<typeof Finding>

export const CheckedRegion = z.object({
  index: count.nullable().describe('place in the pool; null: no superblock can be read'),
  region: z.string().describe('id of the region'),
  offset: count.describe('of the pool inside the region'),
  size: count.describe('bytes'),
  busy: z.boolean().describe('a process died while it changed the region: what it left is no damage'),
  blocksSplit: count,
  records: count.describe('in use'),
  recordSlots: count,
  logEntries: count
})
export type CheckedRegion = z.infer<typeof CheckedRegion>

export const CheckSummary = z.object({
  clean: z.boolean().describe('neither damage nor leftovers'),
  findings: count.describe('all of them; at most 4096 are listed'),
  damage: count,
  leftovers: count,
  hints: count,
  repairable: count,
  refused: count.describe('findings of damage that repair leaves'),
  counts: z.partialRecord(z.enum(findingCodes), count).describe('of each code that was found')
})
export type CheckSummary = z.infer<typeof CheckSummary>

export const PoolCheck = z.object({
  pool: Uuid.nullable().describe('null: no superblock can be read'),
  name: z.string(),
  regions: z.array(CheckedRegion),
  findings: z.array(Finding),
  summary: CheckSummary
})
export type PoolCheck = z.infer<typeof PoolCheck>

export const Patch = z.object({
  region: count.describe('index of the region in the pool'),
  offset: count.describe('bytes from the start of the region; a multiple of 8'),
  from: z.string().describe('the eight bytes that stand there, in hexadecimal'),
  to: z.string()
})
export type Patch = z.infer<typeof Patch>

export const PoolRepair = PoolCheck.extend({
  patches: z.array(Patch).describe('what is written; at most 4096 words are listed'),
  patchCount: count.describe('all of them'),
  token: z.string().describe('of the pool and its patches: apply wants it, so that what was shown is what is applied'),
  applied: z.boolean(),
  backup: FileName.nullable().describe('the metadata before the repair, under /var/lib/pmpool/backups'),
  after: CheckSummary.nullable().describe('of another check behind the repair')
})
export type PoolRepair = z.infer<typeof PoolRepair>
