// SPDX-License-Identifier: GPL-2.0-or-later
/**
 * The contract: every request and notification, once (those that only the lab answers: labMethods.ts). `helperMethods` is what `pmpool serve` answers (and what
 * `pmpool VERB --json` prints); the page calls the same methods with `host` added and the lab passes them on.
 * docs/protocol.md is generated from both files.
 */
import { z } from 'zod'
import { PoolCheck, PoolRepair } from './check.ts'
import { Comparison } from './compare.ts'
import { hostMethods } from './hostMethods.ts'
import { inspectMethods } from './inspectMethods.ts'
import type { labMethods, labNotifications } from './labMethods.ts'
import { mapMethods } from './mapMethods.ts'
import { Fault, FaultKind, MemoryTest, memoryTests, Pattern, PatternCheck, PatternFill } from './memory.ts'
import {
  base64,
  chunk,
  chunkBytes,
  count,
  mapPages,
  method,
  none,
  page,
  ProgressToken,
  progressToken
} from './method.ts'
import {
  Allocation,
  Audit,
  BadPages,
  ContentKept,
  Expectation,
  FileName,
  Found,
  HostInfo,
  KexecPlan,
  LogEntry,
  Name,
  Pool,
  Region,
  Snapshot,
  Uuid,
  Verdict
} from './model.ts'

/** Versions of the protocol this code speaks, newest first. */
export const protocolVersions = [1]

/** Where an allocation goes: the region with the lowest index that has room, the one with the most free pages, those
 * of one NUMA node, or one region. */
export const Placement = z.enum(['first', 'most-free', 'node', 'region'])
export type Placement = z.infer<typeof Placement>

/** What the user saw and means; the helper refuses with pool-changed when it is something else by now. */
const expect = z
  .object({ pages: count.min(1), recordId: count.nullable() })
  .describe('the allocation as it was shown: its length, and its record (null: unnamed)')

const overwrite = z.string().max(256).describe('the word for what stands there, to destroy it')
/** Exactly one of pool and region. Pages of a region count from its start. */
const poolOrRegion = {
  pool: Uuid.optional(),
  from: page.optional().describe('of the pool'),
  to: page.optional().describe('of the pool: one past the last page'),
  region: z.string().max(63).optional(),
  offset: count.optional().describe('of the region, bytes; default 0'),
  size: count.optional().describe('of the region, bytes; default: to its end')
}

export const helperMethods = {
  ...mapMethods,
  ...inspectMethods,
  ...hostMethods,
  initialize: method(
    'First request on a connection. Answers the newest protocol version both sides speak, else version-mismatch.',
    z.object({
      protocol: z.array(z.number().int()).min(1),
      client: z.object({ name: z.string(), version: z.string() })
    }),
    z.object({
      protocol: z.number().int(),
      helper: z.object({ name: z.literal('pmpool'), version: z.string(), pid: count }),
      host: HostInfo
    })
  ),
  'host/info': method('The host as it is now.', none, HostInfo),
  'region/list': method(
    'Every range the kernel command line gives away and every devdax device, refused ones with the reason.',
    none,
    z.object({ regions: z.array(Region) })
  ),
  'region/recognise': method(
    'What stands in a range already, before a pool is created there.',
    z.object({ region: z.string(), offset: count.default(0), size: count.default(0).describe('0: to the end') }),
    Found
  ),
  'pool/list': method('Every pool on the host that can be opened.', none, z.object({ pools: z.array(Pool) })),
  'pool/create': method(
    'Make a pool in a region or a part of it. region-occupied when something is there and `overwrite` is not its word.',
    z.object({
      region: z.string(),
      offset: count.default(0),
      size: count.default(0).describe('bytes; 0: to the end of the region'),
      name: Name,
      logSlots: count.min(128).max(65_536).optional().describe('entries of the event log; default: by the size'),
      overwrite: z.string().optional().describe('the word of region/recognise')
    }),
    Pool
  ),
  'pool/extend': method(
    'Add a region, or a part of one, to a pool. It joins whole or not at all; refusals as of pool/create.',
    z.object({
      pool: Uuid,
      region: z.string(),
      offset: count.default(0),
      size: count.default(0).describe('bytes; 0: to the end of the region'),
      overwrite: z.string().optional().describe('the word of region/recognise')
    }),
    Pool
  ),
  'pool/rename': method('Give a pool another name. Its UUID stays.', z.object({ pool: Uuid, name: Name }), Pool),
  'pool/delete': method(
    'Make a pool none: the superblocks of all its regions that are there are erased. Cannot be undone.',
    z.object({
      pool: Uuid,
      expect: z
        .object({ name: z.string(), sequence: count.optional() })
        .describe('the pool as it was shown; pool-changed when its name, or its sequence, is another by now')
    }),
    none
  ),
  'pool/info': method('One pool, with its usage counted afresh.', z.object({ pool: Uuid }), Pool),
  'pool/map': method(
    'Page states, two bits each, as they stand in the region: 0 free, 1 allocated continuing, 2 bad, 3 first page.',
    z.object({
      pool: Uuid,
      first: count.multipleOf(32).default(0),
      count: count.max(mapPages).default(mapPages)
    }),
    z.object({
      first: count,
      count: count.describe('pages answered: fewer at the end of the pool'),
      sequence: count,
      states: base64.describe('little-endian 64-bit words of 32 pages')
    })
  ),
  'pool/audit': method(
    'How a pool is used: fragmentation, owners, ages and boots of what is allocated, leaks, bad pages, regions.',
    z.object({
      pool: Uuid,
      olderThanBoot: Uuid.optional().describe(
        'what unnamed allocations must be older than to count as leaks; default: the running boot'
      )
    }),
    Audit
  ),
  'pool/check': method(
    'Hold all metadata of a pool, or of one region of it, against itself. Works also where attaching is refused.',
    z.object({
      pool: Uuid.optional().describe('all its regions; or the two below'),
      region: z.string().optional().describe('one region, by its id'),
      offset: count.optional().describe('of the pool inside the region; default 0')
    }),
    PoolCheck
  ),
  'pool/repair': method(
    'What a repair would write, or with `apply` its writing. pool-changed when the token is not that of the patches by now.',
    z.object({
      pool: Uuid.optional(),
      region: z.string().optional(),
      offset: count.optional(),
      apply: z.boolean().default(false).describe('after a backup of all metadata'),
      token: z.string().max(32).optional().describe('of the dry run; needed with apply'),
      backup: FileName.optional().describe('its name; default: of the pool and the time')
    }),
    PoolRepair
  ),
  'allocation/list': method(
    'Allocations in page order, from a page index on: those that begin there.',
    z.object({
      pool: Uuid,
      from: count.default(0),
      to: page.optional().describe('only those that begin before it'),
      limit: count.min(1).max(10_000).default(1000)
    }),
    z.object({
      allocations: z.array(Allocation),
      next: count.nullable().describe('`from` of the next part; null at the end'),
      sequence: count
    })
  ),
  'allocation/create': method(
    'Allocate 2^order naturally aligned pages, or any count of pages. With a name it gets a record.',
    z.object({
      pool: Uuid,
      order: count.max(40).optional(),
      pages: count.min(1).optional().describe('instead of order'),
      alignOrder: count
        .max(40)
        .optional()
        .describe('its first page frame number is a multiple of 2^alignOrder; with order at least of 2^order'),
      withinOrder: count
        .max(40)
        .optional()
        .describe('it crosses no multiple of 2^withinOrder pages, by page frame number'),
      addressFrom: count.optional().describe('physical address; it lies at or above'),
      addressTo: count.min(1).optional().describe('physical address; it ends at or below'),
      placement: Placement.default('first'),
      node: count.optional().describe('with placement node: the NUMA node; with region: the index of the region'),
      name: z.string().max(63).default('').describe('empty: unnamed'),
      owner: z.string().max(31).default(''),
      purpose: z.string().max(63).default('')
    }),
    Allocation
  ),
  'allocation/free': method(
    'Free an allocation by its first page. Cannot be undone.',
    z.object({ pool: Uuid, page, expect }),
    Allocation
  ),
  'allocation/rename': method(
    'Give an allocation another name, in one store. An unnamed one gets a record.',
    z.object({ pool: Uuid, page, expect, name: Name }),
    Allocation
  ),
  'allocation/relabel': method(
    'Change the owner or the purpose of a named allocation, in one store. What is left out stays.',
    z.object({
      pool: Uuid,
      page,
      expect,
      owner: z.string().max(31).optional(),
      purpose: z.string().max(63).optional()
    }),
    Allocation
  ),
  'allocation/resize': method(
    'Grow or shrink an allocation where it is. no-space, with the reason, when what follows it is not free.',
    z.object({ pool: Uuid, page, expect, pages: count.min(1).describe('its new length') }),
    Allocation
  ),
  'allocation/fill': method(
    'Fill an allocation, or a part of it, with a pattern. Progress; cancel leaves it partly filled, and says so.',
    z.object({
      pool: Uuid,
      page,
      expect,
      pattern: Pattern,
      offset: count.default(0).describe('bytes from its start'),
      length: count.min(1).optional().describe('bytes; default: to its end'),
      progressToken
    }),
    z.object({ written: count.describe('bytes') })
  ),
  'allocation/write': method(
    'Write bytes into an allocation.',
    z.object({ pool: Uuid, page, offset: count.describe('bytes from its start'), data: chunk }),
    z.object({ written: count })
  ),
  'allocation/read': method(
    'Read bytes of an allocation.',
    z.object({ pool: Uuid, page, offset: count, length: count.min(1).max(chunkBytes) }),
    z.object({ data: base64 })
  ),
  'bad/list': method(
    'Pages in quarantine, in page order, from a page index on.',
    z.object({ pool: Uuid, from: count.default(0), limit: count.min(1).max(10_000).default(1000) }),
    z.object({ bad: z.array(BadPages), next: count.nullable().describe('`from` of the next part; null at the end') })
  ),
  'bad/add': method(
    'Put free pages in quarantine: they are never handed out. page-in-use when one of them is not free.',
    z.object({ pool: Uuid, page, pages: count.min(1), why: z.string().min(1).max(63) }),
    BadPages
  ),
  'bad/remove': method(
    'Take pages out of quarantine: they can be handed out again.',
    z.object({
      pool: Uuid,
      page: page.describe('the first of them'),
      expect: z.object({ pages: count.min(1), recordId: count }).describe('the quarantine as it was shown')
    }),
    BadPages
  ),
  'log/list': method(
    'The event log, newest first.',
    z.object({
      pool: Uuid,
      before: count.optional().describe('only entries with a lower sequence'),
      after: count.optional().describe('only entries with a higher sequence'),
      limit: count.min(1).max(1000).default(100)
    }),
    z.object({ entries: z.array(LogEntry), next: count.nullable().describe('`before` of the next part') })
  ),
  'snapshot/create': method(
    'Write a snapshot of a pool under /var/lib/pmpool/snapshots. Progress; cancel leaves no file.',
    z.object({
      pool: Uuid,
      name: FileName,
      all: z.boolean().default(false).describe('free pages too'),
      parent: FileName.optional().describe('a snapshot of the same pool on the host: write only what differs from it'),
      progressToken
    }),
    Snapshot
  ),
  'snapshot/list': method('Snapshots on the host, newest first.', none, z.object({ snapshots: z.array(Snapshot) })),
  'snapshot/verify': method(
    'Read a whole snapshot and check every checksum: file-corrupt, file-truncated or file-foreign when it is not whole.',
    z.object({ name: FileName, progressToken }),
    Snapshot
  ),
  'snapshot/read': method(
    'Bytes of a snapshot file, to fetch it from the host.',
    z.object({ name: FileName, offset: count, length: count.min(1).max(chunkBytes) }),
    z.object({ data: base64, size: count.describe('of the whole file') })
  ),
  'snapshot/delete': method(
    'Delete a snapshot. Cannot be undone. confirm-needed when others build on it.',
    z.object({ name: FileName, confirm: z.string().optional() }),
    none
  ),
  'snapshot/compare': method(
    'Hold two snapshots against each other, or a snapshot against the pool as it is: pages, allocations, records.',
    z.object({
      before: FileName,
      after: FileName.optional().describe('default: the pool as it is'),
      progressToken
    }),
    Comparison
  ),
  'snapshot/restore': method(
    'Write what a snapshot holds back into its pool, and read it back. Cannot be undone. ' +
      'confirm-needed names the word; what is written is verified: restore-failed.',
    z.object({
      name: FileName,
      pool: Uuid,
      what: z
        .enum(['allocation', 'content', 'pool'])
        .describe(
          'allocation: one; content: of each allocation that is still as it was; ' +
            'pool: everything, metadata too, as it was, into the same place'
        ),
      page: page.optional().describe('allocation: its first page, in the snapshot and in the pool'),
      expect: expect.optional().describe('allocation: as it was shown'),
      confirm: z.string().optional(),
      progressToken
    }),
    z.object({
      pages: count.describe('written'),
      unchanged: count.describe('held the content already'),
      allocations: count,
      skipped: count.describe('allocations of the snapshot that are not there any more')
    })
  ),
  'pattern/fill': method(
    'Fill the free pages of a pool, or a range of them, with a pattern that tells by itself what each word should be; ' +
      'or a part of a region that no pool has. What stands there already is region-occupied, with the word.',
    z.object({ ...poolOrRegion, pattern: Pattern, overwrite: overwrite.optional(), progressToken }),
    PatternFill
  ),
  'pattern/check': method(
    'Hold the free pages of a pool against a pattern, or a part of a region.',
    z.object({ ...poolOrRegion, pattern: Pattern, progressToken }),
    PatternCheck
  ),
  'memory/test': method(
    'Test the free pages of a pool, or a range of them, or a part of a region that no pool has: they hold zeros ' +
      'afterwards. The result is stored on the host.',
    z.object({
      ...poolOrRegion,
      overwrite: overwrite.optional(),
      tests: z.array(z.enum(memoryTests)).optional().describe('default: all'),
      passes: count.min(1).max(10_000).default(1),
      quarantine: z.boolean().default(false).describe('put failing pages in quarantine'),
      progressToken
    }),
    MemoryTest
  ),
  'memory/results': method(
    'Stored results of memory tests, newest first.',
    none,
    z.object({ results: z.array(MemoryTest) })
  ),
  'fault/inject': method(
    'Put a fault into a pool on purpose. confirm-needed on a real host: memory is really falsified.',
    z.object({
      pool: Uuid,
      kind: FaultKind,
      seed: count.optional().describe('default: by chance; the answer tells it'),
      pages: count.min(1).max(65_536).optional().describe('how many to spoil; default: by the kind'),
      from: page.optional(),
      to: page.optional().describe('one past the last page'),
      confirm: z.string().optional()
    }),
    z.object({ kind: FaultKind, seed: count, faults: z.array(Fault).describe('the first 4096'), count })
  ),
  'kexec/plan': method(
    'What a kexec would do and whether the pool would survive it: kernel, initrd, command line, checks. Changes nothing.',
    z.object({
      pool: Uuid,
      kernel: z.string().optional().describe('path on the host; default: the running kernel’s image'),
      initrd: z.string().optional().describe('path on the host; empty: none'),
      cmdline: z.string().optional().describe('default: the running one'),
      append: z.string().optional().describe('options to add'),
      dropReservation: z.boolean().default(false).describe('leave memmap= out on purpose: a test of loss')
    }),
    KexecPlan
  ),
  'kexec/load': method(
    'Load a plan with kexec_file_load. preflight-failed when one of its checks fails now.',
    z.object({ plan: KexecPlan }),
    none
  ),
  'kexec/unload': method('Unload what is loaded.', none, none),
  'kexec/jump': method(
    'Start kexec.target. The connection ends with this kernel. pool-changed when bootId is not the running one.',
    z.object({ pool: Uuid, bootId: Uuid, nonce: z.string() }),
    none
  ),
  'expectation/create': method(
    'Write down what must be true after the kexec: a digest of each allocated page, the records, the superblock.',
    z.object({
      pool: Uuid,
      nonce: z.string(),
      content: ContentKept.optional(),
      pattern: Pattern.optional().describe('fill the free pages with it first, and expect it there'),
      progressToken
    }),
    Expectation
  ),
  'verdict/reach': method(
    'Hold the host against an expectation. The verdict is stored on the host.',
    z.object({ expectation: FileName, progressToken }),
    Verdict
  ),
  'verdict/list': method('Stored verdicts, newest first, at most 100.', none, z.object({ verdicts: z.array(Verdict) }))
} as const

/** Notifications of the helper; the lab passes them to the page with `host` added. */
export const helperNotifications = {
  'pool/changed': {
    doc: 'A pool changed, by whichever process; at most every 100 ms a pool.',
    params: z.object({ pool: Uuid, sequence: count })
  },
  '$/progress': {
    doc: 'Progress of a request that carried a progressToken.',
    params: z.object({ token: ProgressToken, value: z.object({ done: count, total: count }) })
  }
} as const

export type HelperMethods = typeof helperMethods
export type HelperMethod = keyof HelperMethods
export type LabMethods = typeof labMethods
export type LabMethod = keyof LabMethods

/** Parameters as a caller gives them (defaults may be left out) and result of a method of the helper. */
export type HelperParams<M extends HelperMethod> = z.input<HelperMethods[M]['params']>
export type HelperResult<M extends HelperMethod> = z.output<HelperMethods[M]['result']>
export type LabParams<M extends LabMethod> = z.input<LabMethods[M]['params']>
export type LabResult<M extends LabMethod> = z.output<LabMethods[M]['result']>

/** What the page can ask: lab methods, and helper methods with `host` (all but initialize). */
export type PageMethod = LabMethod | Exclude<HelperMethod, 'initialize'>
export type PageParams<M extends PageMethod> = M extends LabMethod
  ? LabParams<M>
  : M extends HelperMethod
    ? HelperParams<M> extends Record<string, never>
      ? { host: string }
      : HelperParams<M> & { host: string }
    : never
export type PageResult<M extends PageMethod> = M extends LabMethod
  ? LabResult<M>
  : M extends HelperMethod
    ? HelperResult<M>
    : never

/** What the page is told; progress reaches it through the request that asked for it. */
export type PageNotification = keyof typeof labNotifications | 'pool/changed'
export type PageNotificationParams<N extends PageNotification> = N extends keyof typeof labNotifications
  ? z.output<(typeof labNotifications)[N]['params']>
  : z.output<(typeof helperNotifications)['pool/changed']['params']> & { host: string }
