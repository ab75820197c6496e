// SPDX-License-Identifier: GPL-2.0-or-later
/** The event log: a ring of entries. */
import { allZero, beyondCounting, count64, crc32c, exact64, shownText, uuidText, viewOf } from './bytes.ts'
import type { Finding } from './findings.ts'

const entryBytes = 128

/** By their number; what a newer pmpool adds is not among them. */
export const verbs = [
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
] as const

export interface LogEntry {
  /** null: not one of version 2 */
  readonly verb: (typeof verbs)[number] | null
  readonly sequence: bigint
  readonly timeNs: bigint
  readonly bootId: string
  /** pool page */
  readonly page: number
  readonly pages: number
  readonly actor: string
  readonly detail: string
}

export interface LogRead {
  readonly slots: number
  /** highest sequence; 0 in an empty log */
  readonly newest: bigint
  /** newest first; only those whose verb is known */
  readonly entries: readonly LogEntry[]
  readonly findings: readonly Finding[]
}

function parseEntry(bytes: Uint8Array, slot: number, slots: number): LogEntry | Finding | null {
  const view = viewOf(bytes)
  const sequence = exact64(view, 8)
  if (allZero(bytes)) return null
  if (view.getUint32(0, true) !== crc32c(bytes.subarray(4))) return { code: 'log-crc', where: `log ${slot}` }
  if (sequence === 0n || beyondCounting(sequence) || (sequence - 1n) % BigInt(slots) !== BigInt(slot))
    return { code: 'log-slot', where: `log ${slot}` }
  return {
    verb: verbs[view.getUint16(4, true) - 1] ?? null,
    sequence,
    timeNs: exact64(view, 16),
    bootId: uuidText(bytes.subarray(24, 40)),
    page: count64(view, 40),
    pages: count64(view, 48),
    actor: shownText(bytes.subarray(56, 80)),
    detail: shownText(bytes.subarray(80, 128))
  }
}

/** An entry that does not hold is none: a finding, and nothing else follows from it. */
export function readLog(section: Uint8Array): LogRead {
  const slots = section.length / entryBytes
  const entries: LogEntry[] = []
  const findings: Finding[] = []
  for (let slot = 0; slot < slots; slot++) {
    const read = parseEntry(section.subarray(slot * entryBytes, (slot + 1) * entryBytes), slot, slots)
    if (read && 'code' in read) findings.push(read)
    else if (read) entries.push(read)
    if (read && 'verb' in read && read.verb === null) findings.push({ code: 'log-verb', where: `log ${slot}` })
  }
  entries.sort((one, other) => (one.sequence < other.sequence ? 1 : -1))
  const newest = entries[0]?.sequence ?? 0n
  return {
    slots,
    newest,
    entries: entries.filter(({ verb, sequence }) => verb && sequence > newest - BigInt(slots)),
    findings
  }
}
