// SPDX-License-Identifier: GPL-2.0-or-later
/** What the scrollbar shows beside its thumb: where in the pool something is, as bands of pixels. */
import { plural } from '../composables/format.ts'
import { joined, type Extent } from './space.ts'

export const markKinds = ['difference', 'hit', 'edit', 'bookmark', 'selection'] as const
export type MarkKind = (typeof markKinds)[number]

export interface Mark {
  readonly kind: MarkKind
  /** sorted, apart from each other */
  readonly extents: readonly Extent[]
  /** for the legend: "12 hits" */
  readonly text: string
}

/** Tokens of style/tokens.css. */
export const markColours: Record<MarkKind, string> = {
  difference: 'bad',
  hit: 'good',
  edit: 'accent',
  bookmark: 'map-bookmark',
  selection: 'border-strong'
}
/** Left edge and width of each kind, of 14 pixels: what is told apart does not lie over each other. */
export const markLanes: Record<MarkKind, readonly [left: number, width: number]> = {
  selection: [0, 14],
  bookmark: [0, 14],
  difference: [1, 4],
  hit: [5, 4],
  edit: [9, 4]
}

export interface Band {
  readonly y: number
  readonly height: number
}

/** Bands of at least `least` pixels on a bar; those that touch are one. */
export function bandsOf(extents: readonly Extent[], size: number, height: number, least = 2): Band[] {
  const bands: { y: number; height: number }[] = []
  for (const { from, to } of extents) {
    const y = Math.min(height - least, Math.floor((from / size) * height))
    const end = Math.max(y + least, Math.ceil((to / size) * height))
    const last = bands.at(-1)
    if (last && y <= last.y + last.height) last.height = Math.max(last.height, end - last.y)
    else bands.push({ y, height: end - y })
  }
  return bands
}

export const extentsOf = (offsets: readonly number[], length = 1): Extent[] =>
  joined(offsets.map((from) => ({ from, to: from + length })))

export const hitsText = (count: number, more: boolean): string => `${plural(count, 'hit')}${more ? ', and more' : ''}`
