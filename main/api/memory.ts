// SPDX-License-Identifier: GPL-2.0-or-later
/** Patterns, memory tests and faults put in on purpose. */
import { z } from 'zod'
import { ChangedRun, Diagnosis } from './diagnosis.ts'
import { FileName, Uuid } from './model.ts'

const count = z.number().int().nonnegative()
const page = count.describe('page index inside the pool')

/** A test holds them against PM_PATTERNS of pattern.h. */
export const patternKinds = [
  'address',
  'address-inverted',
  'walking-ones',
  'walking-zeros',
  'checkerboard',
  'checkerboard-inverted',
  'random',
  'zeros',
  'ones',
  'data'
] as const
export const Pattern = z.object({
  kind: z.enum(patternKinds),
  seed: count.optional().describe('random, walking; default 0'),
  data: z.base64().max(87_384).optional().describe('data: at most 64 KiB, repeated from address 0 on')
})
export type Pattern = z.infer<typeof Pattern>

export const PatternFill = z.object({
  pages: count,
  bytes: count,
  skipped: count.describe('pages of the range that are not free'),
  durationMs: count
})
export type PatternFill = z.infer<typeof PatternFill>

export const PatternCheck = z.object({
  intact: z.boolean(),
  pages: count.describe('free pages that were read'),
  skipped: count.describe('pages of the range that are not free'),
  changed: count,
  runs: z.array(ChangedRun).describe('in page order, the first 4096'),
  diagnoses: z.array(Diagnosis),
  durationMs: count
})
export type PatternCheck = z.infer<typeof PatternCheck>

/** A test holds them against PM_MEMORY_TESTS of pattern.h. */
export const memoryTests = [
  'own-address',
  'walking-ones',
  'walking-zeros',
  'checkerboard',
  'moving-inversions',
  'random'
] as const

export const MemoryTest = z.object({
  name: FileName.describe('of the stored result'),
  pool: Uuid.nullable().describe('null: a region was tested'),
  poolName: z.string().describe('of the pool, or the id of the region'),
  passed: z.boolean(),
  startedAt: count.describe('milliseconds since 1970'),
  durationMs: count,
  bootId: Uuid,
  passes: count,
  pages: count.describe('that were tested'),
  skipped: count.describe('pages of the range that are not free'),
  tests: z.array(z.object({ test: z.enum(memoryTests), errors: count })),
  errors: z
    .array(
      z.object({
        page,
        address: count.describe('physical, of the 64-bit word'),
        test: z.enum(memoryTests),
        pass: count.min(1),
        expected: z.string().describe('16 hex digits'),
        found: z.string()
      })
    )
    .describe('the first 1024'),
  badPages: z.array(z.object({ page, pages: count.min(1), quarantined: z.boolean() })).describe('the first 1024 runs'),
  diagnoses: z.array(Diagnosis)
})
export type MemoryTest = z.infer<typeof MemoryTest>

/** A test holds them against PM_FAULTS of fault.h. */
export const faultKinds = [
  'bit-flip',
  'bit-flips',
  'stuck-bit',
  'zeroed',
  'ones',
  'filled',
  'aliased',
  'displaced',
  'shifted',
  'torn',
  'elf',
  'kernel',
  'initrd',
  'page-table',
  'text',
  'overwritten',
  'superblock',
  'states',
  'record'
] as const
export const FaultKind = z.enum(faultKinds)
export type FaultKind = z.infer<typeof FaultKind>

export const Fault = z.object({
  page,
  address: count.describe('physical, of the first byte that may have changed'),
  bytes: count,
  detail: z.string()
})
export type Fault = z.infer<typeof Fault>
