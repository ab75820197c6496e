// SPDX-License-Identifier: GPL-2.0-or-later
/**
 * The things the protocol speaks of. Sizes and addresses are bytes, pages are 4 KiB, page indexes count from the
 * pool's first byte, times are milliseconds since 1970 (CLOCK_REALTIME of the host), ids of pools are UUIDs.
 * All integers stay below 2^53: an address space of 8 PiB.
 */
import { z } from 'zod'
import { LabError } from './errors.ts'

const count = z.number().int().nonnegative()
const bytes = count.describe('bytes')
const page = count.describe('page index inside the pool')
const time = count.describe('milliseconds since 1970')
export const Uuid = z.string().regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/)
/** 1 to 63 bytes of printable UTF-8 without a slash; the helper checks again. */
export const Name = z.string().min(1).max(63)
/** Name of a host-side file: letters, digits, dot, dash, underscore; no leading dot. */
export const FileName = z.string().regex(/^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$/)

export const HostInfo = z.object({
  hostname: z.string(),
  simulated: z.boolean().describe('true: a simulated host; nothing it does touches a kernel.'),
  bootId: Uuid,
  kernel: z.string().describe('release, as uname -r'),
  cmdline: z.string().describe('/proc/cmdline'),
  lockdown: z.string().describe('none, integrity or confidentiality'),
  kexecLoaded: z.boolean(),
  uid: count.describe('user id the helper acts for'),
  user: z.string()
})
export type HostInfo = z.infer<typeof HostInfo>

export const RegionKind = z.enum(['memmap', 'pmem', 'devdax', 'simulated'])

export const Region = z.object({
  id: z.string().describe('"mem:0x10000000" or "dax:dax0.0"; stable for a kernel command line'),
  kind: RegionKind,
  base: bytes.describe('physical address'),
  size: bytes,
  grain: bytes.describe('offsets and sizes of pools inside are multiples of it'),
  source: z.string().describe('what gives it away: an option of the command line, or a device'),
  refused: LabError.nullable().describe('why it may not be opened; null when it may'),
  pools: z.array(z.object({ uuid: Uuid, name: z.string(), offset: bytes, size: bytes }))
})
export type Region = z.infer<typeof Region>

export const Found = z.object({
  kind: z.string().describe('blank, pool, pool-newer, pool-damaged, filesystem, crypto, partitions, data'),
  label: z.string().describe('what it is, to show; empty when blank'),
  confirm: z.string().nullable().describe('the word pool/create wants as `overwrite`; null when blank')
})
export type Found = z.infer<typeof Found>

export const Usage = z.object({
  pagesFree: count,
  pagesAllocated: count,
  pagesBad: count,
  pagesMetadata: count,
  allocations: count,
  records: count,
  recordSlots: count,
  largestFreeRun: count.describe('pages'),
  largestFreeOrder: count.nullable().describe('highest order allocatable now; null when none')
})
export type Usage = z.infer<typeof Usage>

export const Pool = z.object({
  uuid: Uuid,
  name: z.string(),
  region: z.string().describe('id of its region'),
  offset: bytes.describe('of the pool inside the region'),
  base: bytes.describe('physical address of the pool'),
  size: bytes,
  pages: count,
  dataFirst: page,
  dataEnd: page.describe('one past the last page that can be allocated'),
  createdAt: time,
  createdBootId: Uuid,
  formatVersion: count,
  readOnly: z.boolean(),
  sequence: count.describe('grows with every act on the pool by any process'),
  usage: Usage,
  recovered: z
    .object({ runsTakenBack: count, pagesTakenBack: count, recordsFinished: count, recordsDropped: count })
    .describe('what attaching took back after a crash')
})
export type Pool = z.infer<typeof Pool>

export const RecordInfo = z.object({
  id: count,
  name: z.string(),
  owner: z.string(),
  purpose: z.string(),
  createdAt: time,
  bootId: Uuid.describe('boot in which it was made')
})
export type RecordInfo = z.infer<typeof RecordInfo>

export const Allocation = z.object({
  page,
  pages: count.min(1),
  pfn: count.describe('page frame number of the first page'),
  address: bytes.describe('physical address'),
  record: RecordInfo.nullable().describe('null: unnamed')
})
export type Allocation = z.infer<typeof Allocation>

export const LogEntry = z.object({
  sequence: count,
  time,
  bootId: Uuid,
  verb: z.enum([
    'pool-create',
    'allocate',
    'free',
    'write',
    'snapshot',
    'expect',
    'kexec-load',
    'kexec-jump',
    'verdict',
    'recover'
  ]),
  page: count,
  pages: count,
  actor: z.string(),
  detail: z.string()
})
export type LogEntry = z.infer<typeof LogEntry>

export const Snapshot = z.object({
  name: FileName,
  bytes,
  createdAt: time,
  pool: Uuid,
  poolName: z.string(),
  pages: count,
  zeroPages: count,
  digest: z.string().describe('XXH3-128 over the page digests, 32 hex digits')
})
export type Snapshot = z.infer<typeof Snapshot>

export const Check = z.object({
  id: z.string().describe('stable, for example "next-memmap"'),
  level: z.enum(['pass', 'warn', 'fail']),
  title: z.string(),
  detail: z.string().describe('the evidence'),
  remedy: z.string().describe('what to do; empty on a pass')
})
export type Check = z.infer<typeof Check>

export const KexecPlan = z.object({
  pool: Uuid,
  bootId: Uuid.describe('of the kernel that runs now'),
  region: z.object({ id: z.string(), base: bytes, size: bytes }),
  kernel: z.string().describe('path on the host'),
  initrd: z.string().nullable(),
  cmdline: z.string().describe('of the next kernel, whole'),
  added: z.array(z.string()).describe('options that the running command line does not have'),
  removed: z.array(z.string()),
  nonce: z.string().describe('on the next command line as pmpool.nonce=; proves that this kexec happened'),
  dropReservation: z.boolean().describe('the reservation is left out on purpose'),
  simulated: z.boolean(),
  checks: z.array(Check)
})
export type KexecPlan = z.infer<typeof KexecPlan>

export const Expectation = z.object({
  id: FileName,
  pool: Uuid,
  nonce: z.string(),
  pages: count,
  digest: z.string(),
  createdAt: time
})
export type Expectation = z.infer<typeof Expectation>

export const VerdictClass = z.enum([
  'intact',
  'wrong-boot',
  'region-gone',
  'region-moved',
  'became-ram',
  'superblock-lost',
  'metadata-torn',
  'records-changed',
  'content-changed'
])
export type VerdictClass = z.infer<typeof VerdictClass>

export const Verdict = z.object({
  intact: z.boolean(),
  class: VerdictClass.describe('the gravest thing found; "intact" when nothing'),
  summary: z.string().describe('one sentence'),
  simulated: z.boolean(),
  pool: Uuid,
  poolName: z.string(),
  expectation: FileName,
  boot: z.object({
    before: Uuid,
    after: Uuid,
    kernelBefore: z.string(),
    kernelAfter: z.string(),
    nonceSeen: z.boolean().describe('the nonce is on the command line now')
  }),
  checks: z.array(Check),
  pages: z.object({ expected: count, compared: count, changed: count }),
  changedRuns: z
    .array(z.object({ page, pages: count, kind: z.enum(['zeroed', 'ones', 'changed', 'unreadable']) }))
    .describe('runs of changed pages, the first 4096'),
  records: z
    .array(
      z.object({
        name: z.string(),
        owner: z.string(),
        page,
        pages: count,
        state: z.enum(['intact', 'content-changed', 'record-changed', 'missing', 'unreadable']),
        changedPages: count
      })
    )
    .describe('each expected record'),
  reachedAt: time,
  durationMs: count,
  comparedBytes: bytes
})
export type Verdict = z.infer<typeof Verdict>
