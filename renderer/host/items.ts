// SPDX-License-Identifier: GPL-2.0-or-later
/** Everything that says something about a range of physical memory, as items on lanes of one address axis. */
import type { HostMemory, Region } from '@api'
import { plural } from '../composables/format.ts'
import { kindOfName, kindOfOption, type Kind } from './kinds.ts'

export const lanes = ['kernel', 'firmware', 'differences', 'options', 'nodes', 'regions', 'free'] as const
export type Lane = (typeof lanes)[number]

export const laneTitles: Record<Lane, string> = {
  kernel: 'Kernel',
  firmware: 'Firmware',
  differences: 'Differences',
  options: 'Command line',
  nodes: 'NUMA nodes',
  regions: 'Regions, pools',
  free: 'Can be reserved'
}

export const laneSources: Record<Lane, string> = {
  kernel: '/proc/iomem',
  firmware: '/sys/firmware/memmap',
  differences: 'firmware held against kernel',
  options: '/proc/cmdline',
  nodes: '/sys/devices/system/node',
  regions: 'this host',
  free: 'System RAM without kernel, crash kernel or firmware in it'
}

/** Bytes; `row` counts from the top of the lane, and is the depth on the lane of the kernel. */
export interface MapItem {
  readonly id: string
  readonly lane: Lane
  readonly base: number
  readonly size: number
  readonly row: number
  readonly name: string
  readonly kind: Kind
}

/** One past the last address. */
export const endOf = ({ base, size }: { base: number; size: number }): number => base + size

/** The deepest row of its own; what lies deeper shares it. */
export const deepestRow = 5

type Range = { readonly base: number; readonly size: number }
type Bare = Range & { readonly name: string; readonly kind: Kind }

/** The first row that is free of each, for ranges that may overlap. */
function stack<T extends Range>(ranges: readonly T[]): (T & { row: number })[] {
  const ends: number[] = []
  return ranges
    .toSorted((a, b) => a.base - b.base)
    .map((range) => {
      const found = ends.findIndex((end) => end <= range.base)
      const row = Math.min(found < 0 ? ends.length : found, deepestRow)
      ends[row] = Math.max(ends[row] ?? 0, endOf(range))
      return { ...range, row }
    })
}

const onLane = (lane: Lane, list: readonly (Bare & { row?: number })[]): MapItem[] =>
  list
    .filter(({ size }) => size > 0)
    .map(({ base, size, name, kind, row = 0 }, index) => ({
      id: `${lane}-${index}`,
      lane,
      base,
      size,
      row,
      name,
      kind
    }))

function optionItems(options: HostMemory['options']): MapItem[] {
  const placed = options.flatMap(({ text, kind, base, size }) =>
    base === null || size === null ? [] : [{ base, size, name: text, kind: kindOfOption(kind) }]
  )
  return onLane('options', stack(placed))
}

function regionItems(memory: HostMemory, regions: readonly Region[]): MapItem[] {
  const own = memory.regions.map(({ id, base, size, usable }) => ({
    base,
    size,
    row: 0,
    name: usable ? id : `${id} (refused)`,
    kind: 'region' as const
  }))
  const pools = regions.flatMap((region) =>
    region.pools.map(({ name, offset, size }) => ({
      base: region.base + offset,
      size,
      row: 1,
      name,
      kind: 'pool' as const
    }))
  )
  return onLane('regions', [...own, ...pools])
}

const differenceName = ({ firmware, kernel }: HostMemory['differences'][number]): string =>
  `${firmware || 'nothing'} → ${kernel || 'nothing'}`

/** `regions` name the pools, which the map of memory only counts. */
export function itemsOf(memory: HostMemory, regions: readonly Region[] = []): MapItem[] {
  const named = (list: readonly (Range & { name: string })[]): Bare[] =>
    list.map((range) => ({ ...range, kind: kindOfName(range.name) }))
  return [
    ...onLane(
      'kernel',
      memory.kernel.map((range) => ({
        ...range,
        kind: kindOfName(range.name),
        row: Math.min(range.depth, deepestRow)
      }))
    ),
    ...onLane('firmware', named((memory.firmware ?? []).map((range) => ({ ...range, name: range.type })))),
    ...onLane(
      'differences',
      memory.differences.map((range) => ({ ...range, name: differenceName(range), kind: 'difference' }))
    ),
    ...optionItems(memory.options),
    ...onLane('nodes', stack(memory.nodes.map((range) => ({ ...range, name: `node ${range.node}`, kind: 'node' })))),
    ...regionItems(memory, regions),
    ...onLane(
      'free',
      memory.free.map((range) => ({ ...range, name: range.why ? `free: ${range.why}` : 'free', kind: 'free' }))
    )
  ]
}

/** How many rows each lane takes; lanes without items are left out. */
export function rowsOf(items: readonly MapItem[]): { lane: Lane; rows: number }[] {
  const rows = new Map<Lane, number>()
  for (const { lane, row } of items) rows.set(lane, Math.max(rows.get(lane) ?? 0, row + 1))
  return lanes.flatMap((lane) => {
    const count = rows.get(lane)
    return count === undefined ? [] : [{ lane, rows: count }]
  })
}

const inside = (inner: Range, outer: Range): boolean => inner.base >= outer.base && endOf(inner) <= endOf(outer)
export const overlaps = (a: Range, b: Range): boolean => a.base < endOf(b) && b.base < endOf(a)

/** The item right above it on its lane; null: it is outermost. */
export function parentOf(items: readonly MapItem[], item: MapItem): MapItem | null {
  return items.findLast((each) => each.lane === item.lane && each.row === item.row - 1 && inside(item, each)) ?? null
}

/** The items right below it on its lane. */
export function childrenOf(items: readonly MapItem[], item: MapItem): MapItem[] {
  return items.filter((each) => each.lane === item.lane && each.row === item.row + 1 && inside(each, item))
}

/** Items of another lane that say something about its range. */
export const onLaneAt = (items: readonly MapItem[], lane: Lane, range: Range): MapItem[] =>
  items.filter((each) => each.lane === lane && overlaps(each, range))

/** The items by address, outer ones before what they hold. */
export const byAddress = (a: MapItem, b: MapItem): number =>
  a.base - b.base || lanes.indexOf(a.lane) - lanes.indexOf(b.lane) || a.row - b.row

/** "12 ranges of the kernel, 3 differences", for people who do not see the map. */
export function summaryOf(items: readonly MapItem[]): string {
  const count = (lane: Lane): number => items.filter((item) => item.lane === lane).length
  const parts = [
    plural(count('kernel'), 'range of the kernel', 'ranges of the kernel'),
    plural(count('firmware'), 'range of the firmware', 'ranges of the firmware'),
    plural(count('differences'), 'difference'),
    plural(items.filter(({ kind }) => kind === 'region').length, 'region')
  ]
  return `Physical memory: ${parts.join(', ')}. The table below tells the same.`
}
