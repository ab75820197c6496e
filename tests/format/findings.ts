// SPDX-License-Identifier: GPL-2.0-or-later
/** What a reader can have to say about a region. */

/** Each of these makes the region corrupt. */
export const fatalCodes = [
  'block-state', // none that there is
  'block-check', // wrong
  'block-fence', // fenced, and nothing was going on
  'block-words', // words that are not 0 where they should be
  'block-headless', // continues nothing, and nothing was going on
  'page-nobodys', // bad and in no quarantine, or continuing without a head, and nothing was going on
  'metadata-state', // a metadata page, a page past the end, or their block, without the state that it must have
  'record-state', // none of the four
  'record-crc',
  'record-kind', // none of the four, or in a slot or a region where it cannot be
  'record-text', // name, owner or purpose
  'record-id', // 0 or beyond 2^62 in a record in use
  'record-range', // not inside the data pages; a member: not behind this region
  'record-without-head', // live, and no run of its length starts at its page
  'quarantine-open', // live, and a page of it is not bad by its own state
  'record-name-twice',
  'record-page-twice',
  'records-overlap', // live ones: quarantines, or by the sum of their pages
  'records-unsettled', // more than 64 pending or leaving
  'directory-endless'
] as const

/** Each of these is survived: by the other copy, by recovery, or by leaving it out. */
export const mildCodes = [
  'superblock-absent',
  'superblock-crc',
  'superblock-insane',
  'superblock-newer',
  'superblock-older',
  'superblock-stale', // good, but not the one that holds
  'compat-flags',
  'ro-compat-flags',
  'block-lags', // one of check, fence and words in a region that a process was changing
  'fence', // bad pages that no quarantine covers, left by a crash
  'orphan-run', // continuing pages without a head, left by a crash
  'record-pending',
  'record-leaving',
  'record-replaced', // live, as is the one that took it over
  'states-rest', // the section goes on behind the last block and is not 0
  'log-crc',
  'log-verb', // not one of version 2; passed over
  'log-slot' // a sequence that does not belong to its slot
] as const

export type FatalCode = (typeof fatalCodes)[number]
export type FindingCode = FatalCode | (typeof mildCodes)[number]

export interface Finding {
  readonly code: FindingCode
  /** "superblock A", "block 2", "page 17", "record 3", "log 12" */
  readonly where: string
  readonly detail?: string
}

export const isFatal = ({ code }: Finding): boolean => (fatalCodes as readonly string[]).includes(code)
