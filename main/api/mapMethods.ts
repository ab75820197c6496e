// SPDX-License-Identifier: GPL-2.0-or-later
/** The part of the contract behind the page map: page states of any number of pages at any zoom. */
import { z } from 'zod'
import { base64, count, method, page } from './method.ts'
import { Uuid } from './model.ts'

/** Most cells that one pool/tiles answers. */
export const tileCells = 1 << 16

/** What stands in a cell of pool/tiles, one bit each: nothing in a cell gets lost, however many pages share it. */
export const cellFlags = { free: 1, metadata: 2, allocated: 4, first: 8, bad: 16, absent: 32 } as const

export const mapMethods = {
  'pool/tiles': method(
    'Page states by cells of 2^level pages, aggregated so that no lone page is lost. Cell n begins at page n << level.',
    z.object({
      pool: Uuid,
      level: count.max(40).describe('0: one page a cell'),
      first: count.describe('the first cell'),
      count: count.min(1).max(tileCells).describe('cells')
    }),
    z.object({
      level: count,
      first: count,
      count: count.describe('cells answered: fewer at the end of the pool'),
      sequence: count,
      cells: base64.describe(
        'two bytes a cell: what occurs in it (1 free, 2 metadata, 4 allocated, 8 first page of an allocation, 16 bad, ' +
          '32 absent: between two regions or of a missing one), and which share of its pages that are there is not ' +
          'free: 0 none, 255 all, else 1 to 254'
      )
    })
  ),
  'pool/range': method(
    'What stands in a range of pages, counted.',
    z.object({ pool: Uuid, from: page, to: page.describe('one past the last page') }),
    z.object({
      from: page,
      to: page,
      sequence: count,
      pagesFree: count,
      pagesAllocated: count,
      pagesBad: count,
      pagesMetadata: count,
      pagesAbsent: count,
      allocations: count.describe('that begin in the range'),
      freeRuns: count.describe('that lie at least partly in the range, cut at its ends'),
      largestFreeRun: z
        .object({ page, pages: count.min(1) })
        .nullable()
        .describe('null: no free page')
    })
  ),
  'pool/find': method(
    'The next or previous run of one state, searched from a page on (that page included): free and bad ones are cut at it.',
    z.object({
      pool: Uuid,
      what: z.enum(['free', 'allocation', 'bad']).describe('allocation: by its first page'),
      from: page,
      direction: z.enum(['next', 'previous']),
      pages: count.min(1).default(1).describe('free: at least so long')
    }),
    z.object({
      found: z
        .object({ page, pages: count.min(1) })
        .nullable()
        .describe('null: there is none')
    })
  )
} as const
