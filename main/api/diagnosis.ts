// SPDX-License-Identifier: GPL-2.0-or-later
/** What happened to changed pages. native/include/pmpool/diagnose.h makes it; docs/diagnosis.md explains each kind. */
import { z } from 'zod'

const count = z.number().int().nonnegative()
const page = count.describe('page index inside the pool')

/** A test holds them against PM_DIAGNOSES of diagnose.h. */
export const diagnosisKinds = [
  'unreadable',
  'zeroed',
  'ones',
  'filled',
  'bit-flip',
  'bit-flips',
  'stuck-bit',
  'aliased',
  'displaced',
  'shifted',
  'torn',
  'elf',
  'kernel',
  'initrd',
  'page-table',
  'text',
  'pattern',
  'pool',
  'overwritten'
] as const
export const DiagnosisKind = z.enum(diagnosisKinds)
export type DiagnosisKind = z.infer<typeof DiagnosisKind>

export const Diagnosis = z.object({
  kind: DiagnosisKind,
  title: z.string().describe('one line: "3 flipped bits on 3 pages, all from 1 to 0 in lane 17"'),
  detail: z.string().describe('the evidence, in sentences'),
  cause: z.string().describe('what usually does this, and where to look next'),
  confidence: count.max(100).describe('per cent; 100: the expected page was made from what is there, digest and all'),
  pages: count.min(1),
  runs: z.array(z.object({ page, pages: count.min(1) })).describe('in page order, the first 256'),
  bits: z
    .object({
      flips: count.describe('wrong bits on all pages'),
      toOne: count,
      toZero: count,
      lanes: z
        .array(z.object({ lane: count.max(63), flips: count }))
        .describe('bit of the 64-bit word; those that occur')
    })
    .nullable()
    .describe('where the wrong bits are known'),
  addressLine: count.max(63).nullable().describe('aliased: the bit in which the two physical addresses differ'),
  distance: z
    .number()
    .int()
    .nullable()
    .describe('aliased, displaced, shifted: bytes from where it belongs to where it is; null: differs'),
  offsets: z
    .object({ first: count.max(4095), last: count.max(4095) })
    .nullable()
    .describe('bytes of the page in which wrong ones lie, over all pages; null: not known'),
  histogram: z.array(count).length(64).describe('pages found, over 64 equal parts of the pool'),
  samples: z
    .array(
      z.object({
        page,
        address: count.describe('physical, of the first byte below'),
        expected: z.string().nullable().describe('up to 32 bytes in hex; null: not known'),
        found: z.string().nullable().describe('in hex; null: unreadable')
      })
    )
    .describe('at most 8')
})
export type Diagnosis = z.infer<typeof Diagnosis>

export const ChangeKind = z.enum(['changed', 'zeroed', 'ones', 'unreadable', 'added', 'removed'])
export type ChangeKind = z.infer<typeof ChangeKind>

/** Pages that follow each other and changed alike. */
export const ChangedRun = z.object({
  page,
  pages: count.min(1),
  address: count.describe('physical address of the first byte'),
  kind: ChangeKind
})
export type ChangedRun = z.infer<typeof ChangedRun>
