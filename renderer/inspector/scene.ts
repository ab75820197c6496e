// SPDX-License-Identifier: GPL-2.0-or-later
import type { Allocation } from '@api'
import type { Colours } from './colours.ts'
import type { Column, HexLayout, Side } from './layout.ts'
import type { PageKind } from './page-facts.ts'
import type { ScrollPlace } from './scroll.ts'
import type { Extent, PoolSpace } from './space.ts'
import type { Encoding } from './text.ts'

/** All that a picture of the rows in view depends on. */
export interface Scene {
  readonly width: number
  /** of the rows, without the heading */
  readonly height: number
  readonly place: ScrollPlace
  readonly layout: HexLayout
  readonly space: PoolSpace
  readonly colours: Colours
  readonly charWidth: number
  readonly encoding: Encoding
  readonly address: (offset: number) => string
  /** a byte of a side; negative as in BytesCache */
  readonly at: (side: Side, offset: number) => number
  readonly kindAt: (page: number) => PageKind
  readonly allocationAt: (page: number) => Allocation | null
  readonly isEdited: (offset: number) => boolean
  /** 1: changed just now; 0: not lately */
  readonly changed: (offset: number) => number
  readonly isHit: (offset: number) => boolean
  readonly selection: Extent
  readonly cursor: number
  readonly column: Column
  readonly low: boolean
  readonly focused: boolean
  /** names of the two sides; empty: there is one */
  readonly sides: readonly string[]
}

/** Pixels left of the first character. */
export const leftGap = 10
export const headingHeight = (scene: Pick<Scene, 'sides'>): number => (scene.sides.length > 1 ? 38 : 22)
