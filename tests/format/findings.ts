// SPDX-License-Identifier: GPL-2.0-or-later
/** What a reader can have to say about a region. */

/** Each of these makes the pool corrupt. */
export const fatalCodes = [
  'metadata-state', // a metadata page, or a page past the end, without the state that it must have
  'record-state', // none of the four
  'record-crc',
  'record-text', // name, owner or purpose
  'record-id', // 0 or beyond 2^62 in a record in use
  'record-after-unused', // in use or freed behind a slot that was never used
  'record-range', // not inside the data pages
  'record-without-head', // live, and no run of its length starts at its page
  'record-name-twice',
  'record-page-twice',
  'records-overlap', // live ones, by the sum of their pages
  'records-unsettled' // more than 64 pending or leaving
] as const

/** Each of these is survived: by the other copy, by recovery, or by leaving it out. */
export const mildCodes = [
  'superblock-absent',
  'superblock-crc',
  'superblock-insane',
  'superblock-newer',
  'superblock-stale', // good, but not the one that holds
  'compat-flags',
  'ro-compat-flags',
  'orphan-run', // continuing pages without a head
  'record-pending',
  'record-leaving',
  'states-rest', // the section goes on behind the last word and is not 0
  'log-crc',
  'log-verb', // not one of version 1; shown by its number or passed over
  'log-slot' // a sequence that does not belong to its slot
] as const

export type FatalCode = (typeof fatalCodes)[number]
export type FindingCode = FatalCode | (typeof mildCodes)[number]

export interface Finding {
  readonly code: FindingCode
  /** "superblock A", "page 17", "record 3", "log 12" */
  readonly where: string
  readonly detail?: string
}

export const isFatal = ({ code }: Finding): boolean => (fatalCodes as readonly string[]).includes(code)
