// SPDX-License-Identifier: GPL-2.0-or-later
/** Two states of one pool beside each other. */
import { z } from 'zod'
import { ChangedRun, Diagnosis } from './diagnosis.ts'
import { Uuid } from './model.ts'

const count = z.number().int().nonnegative()
const page = count.describe('page index inside the pool')
const time = count.describe('milliseconds since 1970')

const Side = z.object({
  name: z.string().nullable().describe('of the snapshot; null: the pool as it is'),
  at: time.describe('when the snapshot was taken, or the pool was looked at'),
  bootId: Uuid.nullable().describe('null: the file does not say'),
  pages: count.describe('that it holds'),
  sequence: count.describe('newest entry of the event log'),
  damage: z.string().nullable().optional().describe('what is wrong with the file; null: nothing that was met'),
  missingRegions: z.array(count).optional().describe('regions of the pool that this side does not have')
})

const Labels = z.object({ name: z.string(), owner: z.string(), purpose: z.string() })

export const Comparison = z.object({
  pool: Uuid,
  poolName: z.string(),
  same: z.boolean().describe('no page, no allocation and no record differs'),
  before: Side,
  after: Side,
  pages: z.object({
    compared: count.describe('held by both sides'),
    changed: count,
    added: count.describe('held by the later side only'),
    removed: count.describe('held by the earlier side only'),
    unreadable: count
  }),
  runs: z.array(ChangedRun).describe('in page order, the first 4096'),
  allocations: z
    .array(
      z.object({
        page,
        pages: count.min(1),
        name: z.string().nullable().describe('null: unnamed'),
        owner: z.string(),
        state: z.enum(['changed', 'added', 'removed', 'resized']),
        changedPages: count
      })
    )
    .describe('those that differ, in page order, the first 4096'),
  records: z
    .array(
      z.object({
        page,
        state: z.enum(['added', 'removed', 'changed']),
        before: Labels.nullable(),
        after: Labels.nullable()
      })
    )
    .describe('those that differ, the first 4096'),
  diagnoses: z.array(Diagnosis).describe('of the changed pages; empty where only digests are known of both'),
  comparedBytes: count,
  durationMs: count
})
export type Comparison = z.infer<typeof Comparison>
