// SPDX-License-Identifier: GPL-2.0-or-later
/**
 * The things the protocol speaks of. Sizes and addresses are bytes, pages are 4 KiB, page indexes count from the
 * pool's first byte, times are milliseconds since 1970 (CLOCK_REALTIME of the host), ids of pools are UUIDs.
 * All integers stay below 2^53: an address space of 8 PiB.
 */
import { z } from 'zod'
import { ChangedRun, Diagnosis } from './diagnosis.ts'
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
  numaNode: count.nullable().describe('null: not known'),
  source: z.string().describe('what gives it away: an option of the command line, or a device'),
  refused: LabError.nullable().describe('why it may not be opened; null when it may'),
  pools: z.array(z.object({ uuid: Uuid, name: z.string(), offset: bytes, size: bytes }))
})
export type Region = z.infer<typeof Region>

export const Found = z.object({
  kind: z
    .string()
    .describe(
      'blank, pool, pool-newer, pool-older, pool-damaged, pools, filesystem, crypto, partitions, raid, namespace, several, data'
    ),
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

/** What kind of memory a region was when it joined its pool. */
export const Medium = z.enum(['unknown', 'memmap', 'pmem', 'devdax', 'file'])
export type Medium = z.infer<typeof Medium>

export const PoolRegion = z.object({
  index: count.describe('place in the pool, from 0'),
  uuid: Uuid,
  region: z.string().nullable().describe('id of the region of this host it stands in; null when missing'),
  offset: bytes.describe('of it inside that region; 0 when missing'),
  base: bytes.describe('physical address'),
  size: bytes,
  firstPage: page.describe('its first page; regions follow each other, each from a multiple of 512 on'),
  pages: count,
  dataFirst: page.describe('first page that can be allocated; firstPage when missing'),
  dataEnd: page.describe('one past the last page that can be allocated; firstPage when missing'),
  directory: z
    .array(z.object({ page, pages: count.min(1) }))
    .describe('pages among these that hold more records: metadata, although the page states call them allocated'),
  medium: Medium,
  numaNode: count.nullable().describe('null: not known'),
  error: LabError.nullable().describe('why it is missing; null when it is there')
})
export type PoolRegion = z.infer<typeof PoolRegion>

export const Pool = z.object({
  uuid: Uuid,
  name: z.string(),
  region: z.string().describe('id of the first of its regions that is there'),
  offset: bytes.describe('of the pool inside that region'),
  base: bytes.describe('physical address of the pool in that region'),
  size: bytes.describe('of all its regions'),
  pages: count.describe('one past its last page; pages between two regions do not exist and read as bad'),
  dataFirst: page.describe('of its first region'),
  dataEnd: page.describe('one past the last page that can be allocated'),
  regions: z.array(PoolRegion).describe('all of them, by index'),
  degraded: z.boolean().describe('a region is missing, moved or damaged: `regions` says which and why'),
  createdAt: time,
  createdBootId: Uuid,
  formatVersion: count,
  readOnly: z.boolean(),
  sequence: count.describe('grows with every act on the pool by any process'),
  usage: Usage,
  recovered: z
    .object({
      runsTakenBack: count,
      pagesTakenBack: count,
      recordsFinished: count,
      recordsDropped: count,
      checksRenewed: count.describe('blocks whose check lagged behind their page states'),
      blocksTakenBack: count,
      superblockMended: z.boolean().describe('one of the two copies was missing or older')
    })
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
    'recover',
    'rename',
    'relabel',
    'quarantine',
    'release',
    'extend',
    'repair',
    'restore',
    'fill',
    'test',
    'fault',
    'resize'
  ]),
  page: count,
  pages: count,
  actor: z.string(),
  detail: z.string()
})
export type LogEntry = z.infer<typeof LogEntry>

/** Pages in quarantine: never handed out. */
export const BadPages = z.object({
  recordId: count,
  page,
  pages: count.min(1),
  address: bytes.describe('physical address'),
  who: z.string(),
  why: z.string(),
  at: time,
  bootId: Uuid
})
export type BadPages = z.infer<typeof BadPages>

/** Pages of allocations that have something in common. */
const share = z.object({ allocations: count, pages: count })

export const AgeClass = z.enum(['hour', 'day', 'week', 'month', 'older', 'unknown'])
export type AgeClass = z.infer<typeof AgeClass>

export const Leak = z.object({
  page,
  pages: count.min(1),
  address: bytes.describe('physical address'),
  allocatedAt: time.nullable().describe('null: before the oldest entry of the log'),
  bootId: Uuid.nullable().describe('as allocatedAt'),
  actor: z.string().nullable().describe('as allocatedAt')
})
export type Leak = z.infer<typeof Leak>

export const Audit = z.object({
  pool: Uuid,
  sequence: count,
  at: time,
  bootId: Uuid.describe('the running boot'),
  usage: Usage,
  metadataBytes: bytes.describe('superblocks, sections and directory'),
  freeRuns: count,
  freeRunsBySize: z
    .array(z.object({ order: count, runs: count, pages: count }))
    .describe('free runs of 2^order to 2^(order+1)-1 pages; sizes that occur'),
  fragmentation: z
    .array(
      z.object({
        order: count,
        fits: count.describe('allocations of this order that fit now'),
        unusable: count.max(1000).describe('thousandths of the free pages that an allocation of this order cannot use')
      })
    )
    .describe('each order up to the largest that the pool could hold empty'),
  owners: z
    .array(share.extend({ owner: z.string().nullable().describe('null: unnamed; empty: named, without an owner') }))
    .describe('most pages first, at most 1000'),
  boots: z
    .array(
      share.extend({
        bootId: Uuid.nullable().describe('null: before the oldest entry of the log'),
        at: time.nullable().describe('first seen in this pool'),
        current: z.boolean()
      })
    )
    .describe('boots that made what is allocated, newest first, at most 1000'),
  ages: z.array(share.extend({ age: AgeClass })).describe('every class, youngest first'),
  leaks: z
    .object({
      olderThanBoot: Uuid,
      allocations: count,
      pages: count,
      runs: z.array(Leak).describe('in page order, the first 1000')
    })
    .describe('unnamed allocations made before that boot, or before the oldest entry of the log'),
  bad: z.array(BadPages).describe('in page order, the first 1000'),
  regions: z
    .array(
      z.object({
        index: count,
        medium: Medium,
        numaNode: count.nullable(),
        usage: Usage.nullable().describe('null: the region is missing')
      })
    )
    .describe('all of them, by index')
})
export type Audit = z.infer<typeof Audit>

export const Snapshot = z.object({
  name: FileName,
  bytes: bytes.describe('of the file'),
  createdAt: time,
  bootId: Uuid.nullable().describe('boot in which it was taken; null: an imported one does not know'),
  pool: Uuid,
  poolName: z.string(),
  all: z.boolean().describe('free pages too'),
  pages: count.describe('that it tells of, those of its parent included'),
  zeroPages: count.describe('of them all zero'),
  repeatedPages: count.describe('of them like an earlier one of the file'),
  parentPages: count.describe('of them as in the parent'),
  movedPages: count.describe('freed or allocated by others while their bytes were copied'),
  parent: z
    .object({ name: z.string(), digest: z.string(), present: z.boolean().describe('it is there under this name') })
    .nullable()
    .describe('null: stands by itself'),
  digest: z
    .string()
    .describe('XXH3-128 over the page digests and their places, 32 hex digits; equal content has an equal digest'),
  damage: LabError.nullable().describe('cut off or corrupted: what can be read of it is less')
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

const PlannedRegion = z.object({ id: z.string(), base: bytes, size: bytes })

export const KexecPlan = z.object({
  pool: Uuid,
  bootId: Uuid.describe('of the kernel that runs now'),
  region: PlannedRegion.describe('the first of `regions`'),
  regions: z.array(PlannedRegion).min(1).describe('of the host: all that hold a part of the pool; each has to survive'),
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

/** Whether an expectation holds the bytes of the pages: auto when they are at most 1 GiB. Default auto. */
export const ContentKept = z.enum(['auto', 'always', 'never'])
export type ContentKept = z.infer<typeof ContentKept>

export const Expectation = z.object({
  id: FileName,
  pool: Uuid,
  nonce: z.string(),
  pages: count,
  digest: z.string(),
  content: z.boolean().describe('holds the bytes of the pages, so that every change can be diagnosed'),
  pattern: z.boolean().describe('free pages hold a pattern that is checked too'),
  bytes: bytes.describe('of its file'),
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
    nonceSeen: z.boolean().describe('the nonce is on the command line now'),
    how: z
      .enum(['kexec', 'same-boot', 'other-boot'])
      .describe(
        'kexec: the planned one; same-boot: the kernel never changed; other-boot: a cold boot, or another kexec'
      )
  }),
  checks: z.array(Check),
  regions: z
    .array(
      z.object({
        index: count,
        base: bytes.describe('where it is expected, physical address'),
        size: bytes,
        firstPage: page,
        pages: count
      })
    )
    .describe('of the pool, as expected: the axis of its picture'),
  pages: z.object({ expected: count, compared: count, changed: count }),
  content: z.boolean().describe('the expectation held the bytes, not only digests'),
  changedRuns: z.array(ChangedRun).describe('runs of changed pages, the first 4096'),
  diagnoses: z.array(Diagnosis).describe('what happened to the changed pages'),
  taken: z
    .array(z.object({ base: bytes.describe('physical address'), size: bytes, name: z.string() }))
    .describe('parts of the regions that /proc/iomem gives to something else now, for example System RAM, Kernel code'),
  host: z
    .object({
      changes: z.array(z.object({ what: z.string(), before: z.string(), after: z.string() }))
    })
    .describe('facts of the host that differ: kernel, memory map, microcode, IOMMU groups, PCI devices'),
  freePages: z
    .object({ pattern: z.string(), checked: count, changed: count, skipped: count.describe('not free any more') })
    .nullable()
    .describe('the pattern on free pages; null: none was expected'),
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
