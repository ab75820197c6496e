// SPDX-License-Identifier: GPL-2.0-or-later
/** What the colours of the map mean: a category for each allocation, or for each run of an overlay, counted. */
import type { AgeClass, Allocation, LogEntry } from '@api'
import { orderOf, shortId } from '../composables/format.ts'
import type { HueSpace } from '../stores/hues.ts'
import { unknownBoot, unnamedOwner, type MapColour } from '../stores/map-view.ts'
import { firstOwn } from './cells.ts'
import { given, preferred, type Hues } from './hues.ts'
import { rampColour, type Palette } from './palette.ts'

export interface Category {
  /** as the legend's filter names it */
  readonly key: string
  readonly title: string
  readonly tone: Tone
  readonly pages: number
  /** allocations, or runs of an overlay */
  readonly count: number
}
export type Tone =
  'allocated' | 'named' | 'others' | 'unlisted' | { readonly category: number } | { readonly ramp: number }

export interface Classes {
  readonly categories: readonly Category[]
  /** by run: firstOwn is the first of the categories */
  readonly of: Uint8Array
}

export interface Times {
  readonly now: number
  /** boot that runs now */
  readonly bootId: string
  /** newest first; tells who made what has no record */
  readonly log: readonly LogEntry[]
}

/** Too many kinds for the colours there are. */
export const othersKey = '~others'
/** Pages of an allocation whose count is no power of two. */
export const noOrder = 'run'

export function toneColour(tone: Tone, palette: Palette): string {
  if (typeof tone === 'string') return palette[tone]
  return 'ramp' in tone ? rampColour(palette, tone.ramp) : (palette.categories[tone.category] ?? palette.others)
}

interface Bin {
  readonly key: string
  pages: number
  count: number
}

/** Bins by key, and the bin of each run. */
function binned(
  runs: readonly { readonly pages: number }[],
  keyOf: (index: number) => string
): { bins: Bin[]; of: Uint32Array } {
  const bins: Bin[] = []
  const places = new Map<string, number>()
  const of = new Uint32Array(runs.length)
  for (let index = 0; index < runs.length; index++) {
    const key = keyOf(index)
    let place = places.get(key)
    if (place === undefined) {
      place = bins.length
      places.set(key, place)
      bins.push({ key, pages: 0, count: 0 })
    }
    const bin = bins[place]!
    bin.pages += runs[index]!.pages
    bin.count++
    of[index] = place
  }
  return { bins, of }
}

type Named = Pick<Category, 'title' | 'tone'>

/** The bins in the order and with the names that they are shown with; what gets null is folded into "others". */
function arranged(
  { bins, of }: { bins: readonly Bin[]; of: Uint32Array },
  order: (a: Bin, b: Bin) => number,
  name: (bin: Bin, rank: number) => Named | null
): Classes {
  const ranked = bins.map((bin, place) => ({ bin, place })).sort((a, b) => order(a.bin, b.bin))
  const categories: Category[] = []
  const others = { pages: 0, count: 0 }
  const ids = new Uint8Array(bins.length)
  const folded: number[] = []
  for (const [rank, { bin, place }] of ranked.entries()) {
    const named = name(bin, rank)
    if (named) ids[place] = firstOwn + categories.push({ ...bin, ...named }) - 1
    else {
      folded.push(place)
      others.pages += bin.pages
      others.count += bin.count
    }
  }
  if (folded.length > 0) {
    categories.push({ key: othersKey, title: `${folded.length} others`, tone: 'others', ...others })
    for (const place of folded) ids[place] = firstOwn + categories.length - 1
  }
  const result = new Uint8Array(of.length)
  for (let index = 0; index < of.length; index++) result[index] = ids[of[index]!]!
  return { categories, of: result }
}

const byPages = (a: Bin, b: Bin): number => b.pages - a.pages || (a.key < b.key ? -1 : 1)

const ageClasses: readonly (readonly [AgeClass, limit: number, title: string])[] = [
  ['hour', 3_600_000, 'last hour'],
  ['day', 86_400_000, 'last day'],
  ['week', 7 * 86_400_000, 'last week'],
  ['month', 30 * 86_400_000, 'last month'],
  ['older', Infinity, 'older']
]
const ageRank = (key: string): number => {
  const rank = ageClasses.findIndex(([age]) => age === key)
  return rank < 0 ? ageClasses.length : rank
}
export const ageOf = (at: number | null, now: number): AgeClass =>
  at === null ? 'unknown' : (ageClasses.find(([, limit]) => now - at < limit)?.[0] ?? 'older')

/** When and in which boot each allocation was made, as far as its record or the log tells. */
function originOf(log: readonly LogEntry[]): (of: Allocation) => { at: number; bootId: string } | null {
  const made = new Map<number, LogEntry>()
  for (const entry of log) {
    if (entry.verb === 'allocate' && !made.has(entry.page)) made.set(entry.page, entry)
  }
  return ({ page, record }) => {
    if (record) return { at: record.createdAt, bootId: record.bootId }
    const entry = made.get(page)
    return entry ? { at: entry.time, bootId: entry.bootId } : null
  }
}

/** Largest first; who has no hue is folded into "others", but not one that the filter names: it shares a hue then. */
function byKind(
  found: { bins: Bin[]; of: Uint32Array },
  only: ReadonlySet<string> | null,
  title: (key: string) => string,
  hues: Hues,
  plain?: string
): Classes {
  const shared = new Map<string, number>()
  const asked = [...(only ?? [])].filter((key) => key !== plain && key !== othersKey)
  const used = new Set(asked.map((key) => hues.indexOf(key)))
  for (const key of asked.filter((each) => !hues.includes(each)).toSorted()) {
    const order = preferred(key)
    const hue = order.find((each) => !used.has(each)) ?? order[0]!
    shared.set(key, hue)
    used.add(hue)
  }
  return arranged(found, byPages, ({ key }) => {
    if (key === plain) return { title: title(key), tone: 'unlisted' }
    const own = hues.indexOf(key)
    const hue = own < 0 ? shared.get(key) : own
    return hue === undefined ? null : { title: title(key), tone: { category: hue } }
  })
}

/** Owners or boots, those with the most pages first: what hues are given to. */
export function kindsOf(space: HueSpace, list: readonly Allocation[], log: readonly LogEntry[]): readonly string[] {
  const [keyOf, plain] = keysOf(space, list, log)
  const { bins } = binned(list, keyOf)
  return bins.toSorted(byPages).flatMap(({ key }) => (key === plain ? [] : [key]))
}

function keysOf(
  space: HueSpace,
  list: readonly Allocation[],
  log: readonly LogEntry[]
): [keyOf: (index: number) => string, plain: string] {
  if (space === 'owner') return [(index) => list[index]!.record?.owner ?? unnamedOwner, unnamedOwner]
  const origin = originOf(log)
  return [(index) => origin(list[index]!)?.bootId ?? unknownBoot, unknownBoot]
}

/** Allocations by a way of colouring; `only` is the filter, `hues` those of owners or of boots. */
export function classify(
  colour: Exclude<MapColour, 'change' | 'diagnosis'>,
  list: readonly Allocation[],
  only: ReadonlySet<string> | null,
  { now, bootId, log }: Times,
  hues: Hues = []
): Classes {
  switch (colour) {
    case 'state':
      return arranged(
        binned(list, (index) => (list[index]!.record ? 'named' : 'allocated')),
        (a, b) => (a.key < b.key ? -1 : 1),
        ({ key }) => ({ title: key, tone: key as 'named' | 'allocated' })
      )
    case 'owner': {
      const [keyOf, plain] = keysOf('owner', list, log)
      const title = (key: string): string => (key === plain ? 'unnamed' : key || 'no owner')
      return byKind(binned(list, keyOf), only, title, hues, plain)
    }
    case 'order': {
      const rank = ({ key }: Bin): number => (key === noOrder ? 99 : Number(key))
      const found = binned(list, (index) => String(orderOf(list[index]!.pages) ?? noOrder))
      const most = Math.max(10, ...found.bins.map((bin) => rank(bin) % 99))
      return arranged(
        found,
        (a, b) => rank(a) - rank(b),
        ({ key }) =>
          key === noOrder
            ? { title: 'other sizes', tone: 'others' }
            : { title: `order ${key}`, tone: { ramp: Number(key) / most } }
      )
    }
    case 'age': {
      const origin = originOf(log)
      return arranged(
        binned(list, (index) => ageOf(origin(list[index]!)?.at ?? null, now)),
        (a, b) => ageRank(a.key) - ageRank(b.key),
        ({ key }) => {
          const rank = ageRank(key)
          const known = ageClasses[rank]
          return known ? { title: known[2], tone: { ramp: 1 - rank / 4 } } : { title: 'not known', tone: 'others' }
        }
      )
    }
    case 'boot': {
      const [keyOf, plain] = keysOf('boot', list, log)
      const title = (key: string): string =>
        key === plain ? 'before the log' : `boot ${shortId(key)}${key === bootId ? ', running' : ''}`
      return byKind(binned(list, keyOf), only, title, hues, plain)
    }
  }
}

/** Of what changed: those first that stand out from allocations, which are blue. */
const warningHues: Hues = [
  'displaced',
  'zeroed',
  'shifted',
  'ones',
  'aliased',
  'changed',
  'unreadable',
  'removed',
  'added',
  'text'
]

/** Runs of an overlay by their kind. */
export function classifyRuns(
  runs: readonly { readonly pages: number; readonly kind: string }[],
  only: ReadonlySet<string> | null
): Classes {
  const found = binned(runs, (index) => runs[index]!.kind)
  const kinds = found.bins.toSorted(byPages).map(({ key }) => key)
  return byKind(found, only, (key) => key, given(warningHues, kinds))
}
