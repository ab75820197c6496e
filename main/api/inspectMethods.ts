// SPDX-License-Identifier: GPL-2.0-or-later
/**
 * The part of the contract behind the inspector: bytes of live memory, and of what a snapshot or an expectation says
 * they were. Offsets are bytes of the pool: page index * 4096 + byte in the page.
 */
import { z } from 'zod'
import { base64, chunkBytes, count, method, progressToken } from './method.ts'
import { FileName, Uuid } from './model.ts'

/** Most bytes that one memory/write carries (before base64). */
export const editBytes = 1 << 16
/** Longest thing that memory/search looks for. */
export const needleBytes = 4096

const offset = count.describe('bytes of the pool: page index * 4096 + byte in the page')
const length = count.min(1).max(chunkBytes)
const edit = base64.max(Math.ceil(editBytes / 3) * 4).describe(`at most ${editBytes} bytes`)
const needle = base64.max(Math.ceil(needleBytes / 3) * 4)
const heldBytes = z.object({
  data: base64.describe('zeros where it holds nothing'),
  missing: z
    .array(z.object({ offset, length: count.min(1) }))
    .describe('parts that it does not hold: free pages, or pages that are damaged in the file')
})

export const inspectMethods = {
  'memory/read': method(
    'Bytes of a pool as they stand in memory, metadata and free pages too. out-of-range across a gap between regions.',
    z.object({ pool: Uuid, offset, length }),
    z.object({ data: base64 })
  ),
  'memory/write': method(
    'Change bytes of one allocation. pool-changed when `before` is not what stands there; not-allocated when the ' +
      'bytes do not all lie in one allocation.',
    z.object({ pool: Uuid, offset, data: edit, before: edit.describe('what stands there, as it was shown') }),
    z.object({ written: count })
  ),
  'memory/search': method(
    'Where bytes occur in a range of a pool. Matches may overlap. Progress; cancel.',
    z.object({
      pool: Uuid,
      bytes: needle.describe(`what to look for: 1 to ${needleBytes} bytes`),
      mask: needle.optional().describe('as long as bytes; only bits that are 1 count; default: all'),
      ignoreCase: z.boolean().default(false).describe('ASCII letters match in either case'),
      from: offset.default(0),
      to: offset.optional().describe('one past the last byte; default: the end of the pool'),
      align: count.min(1).max(4096).default(1).describe('only at multiples of it'),
      allocatedOnly: z.boolean().default(false).describe('only inside allocations'),
      limit: count.min(1).max(10_000).default(1000),
      progressToken
    }),
    z.object({
      hits: z.array(offset).describe('in order'),
      more: z.boolean().describe('there are more than `limit`'),
      searched: count.describe('bytes')
    })
  ),
  'snapshot/bytes': method(
    'Bytes of a pool as a snapshot on the host has them, chains resolved.',
    z.object({ name: FileName, offset, length }),
    heldBytes
  ),
  'expectation/bytes': method(
    'Bytes of a pool as an expectation has them; with digests only, everything is missing.',
    z.object({ expectation: FileName, offset, length }),
    heldBytes
  )
} as const
