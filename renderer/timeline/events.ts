// SPDX-License-Identifier: GPL-2.0-or-later
/** The event log as a story across boots: pure data, oldest first. */
import type { LogEntry } from '@api'

export type Verb = LogEntry['verb']

/** Rows of the picture, from the top. */
export const lanes = ['allocations', 'content', 'snapshots', 'checks', 'kexec', 'pool'] as const
export type Lane = (typeof lanes)[number]

const laneOfVerb: Record<Verb, Lane> = {
  allocate: 'allocations',
  free: 'allocations',
  resize: 'allocations',
  rename: 'allocations',
  relabel: 'allocations',
  write: 'content',
  fill: 'content',
  fault: 'content',
  snapshot: 'snapshots',
  restore: 'snapshots',
  expect: 'checks',
  verdict: 'checks',
  test: 'checks',
  'kexec-load': 'kexec',
  'kexec-jump': 'kexec',
  'pool-create': 'pool',
  extend: 'pool',
  recover: 'pool',
  repair: 'pool',
  quarantine: 'pool',
  release: 'pool'
}
export const laneOf = (verb: Verb): Lane => laneOfVerb[verb]

/** A boot as the log saw it. `from` and `to` are places in the list of events, `to` one past the last. */
export interface Boot {
  readonly bootId: string
  readonly from: number
  readonly to: number
  /** how it began: the log starts here, by a kexec that the lab saw, or otherwise */
  readonly seam: 'start' | 'kexec' | 'other'
}

export function bootsOf(events: readonly LogEntry[]): Boot[] {
  const boots: Boot[] = []
  let from = 0
  for (let at = 1; at <= events.length; at++) {
    if (at < events.length && events[at]!.bootId === events[from]!.bootId) continue
    const seam = from === 0 ? 'start' : events[from - 1]!.verb === 'kexec-jump' ? 'kexec' : 'other'
    boots.push({ bootId: events[from]!.bootId, from, to: at, seam })
    from = at
  }
  return boots
}

/** By how many pages an act made the allocated pages more; null where its entry does not tell. */
function growth({ verb, pages, detail }: LogEntry): number | null {
  if (verb === 'allocate') return pages
  if (verb === 'free') return -pages
  if (verb === 'resize') {
    const before = /^from (\d+) pages?/.exec(detail)?.[1]
    return before === undefined ? null : pages - Number(before)
  }
  return verb === 'recover' || verb === 'repair' || verb === 'restore' ? null : 0
}

/** Allocated pages after each event, counted back from `now`. What came before an act that does not tell is null. */
export function allocatedAfter(events: readonly LogEntry[], now: number): (number | null)[] {
  const after = new Array<number | null>(events.length).fill(null)
  let pages: number | null = now
  for (let at = events.length - 1; at >= 0 && pages !== null; at--) {
    after[at] = pages
    const by = growth(events[at]!)
    pages = by === null || pages - by < 0 ? null : pages - by
  }
  return after
}

/** What happened after one event up to and with another. */
export interface Difference {
  readonly events: number
  readonly milliseconds: number
  readonly allocated: number
  readonly freed: number
  readonly boots: number
  readonly kexecs: number
  readonly verbs: readonly (readonly [verb: Verb, count: number])[]
  readonly actors: readonly (readonly [actor: string, count: number])[]
}

const most = <K>(counts: ReadonlyMap<K, number>): (readonly [K, number])[] => [...counts].sort((a, b) => b[1] - a[1])

/** `a` and `b` are places in the list, in either order. */
export function difference(events: readonly LogEntry[], a: number, b: number): Difference {
  const [from, to] = a <= b ? [a, b] : [b, a]
  const between = events.slice(from + 1, to + 1)
  const verbs = new Map<Verb, number>()
  const actors = new Map<string, number>()
  let [allocated, freed, boots] = [0, 0, 0]
  let bootId = events[from]?.bootId
  for (const event of between) {
    verbs.set(event.verb, (verbs.get(event.verb) ?? 0) + 1)
    actors.set(event.actor, (actors.get(event.actor) ?? 0) + 1)
    const by = growth(event) ?? 0
    if (by > 0) allocated += by
    else freed -= by
    if (event.bootId !== bootId) boots++
    bootId = event.bootId
  }
  return {
    events: between.length,
    milliseconds: (events[to]?.time ?? 0) - (events[from]?.time ?? 0),
    allocated,
    freed,
    boots,
    kexecs: verbs.get('kexec-jump') ?? 0,
    verbs: most(verbs),
    actors: most(actors)
  }
}

/** Events with every word of the filter in verb, actor, detail or boot, of the lanes, and in the pages when given. */
export function matchingEvents(
  events: readonly LogEntry[],
  filter: string,
  shown: ReadonlySet<Lane>,
  range: { readonly from: number; readonly to: number } | null
): number[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean)
  const found: number[] = []
  for (const [index, event] of events.entries()) {
    if (!shown.has(laneOf(event.verb))) continue
    if (range && (event.pages === 0 || event.page >= range.to || event.page + event.pages <= range.from)) continue
    const text = `${event.verb} ${event.actor} ${event.detail} ${event.bootId} ${event.page}`.toLowerCase()
    if (words.every((word) => text.includes(word))) found.push(index)
  }
  return found
}
