// SPDX-License-Identifier: GPL-2.0-or-later
import { pageKinds } from './pages.ts'

/** Colours of the map, out of style/tokens.css: a canvas does not read custom properties by itself. */
export interface Palette {
  /** by page kind */
  readonly kinds: readonly string[]
  readonly ground: string
  readonly first: string
  readonly text: string
  readonly cursor: string
  readonly selection: string
  readonly font: string
}

export function readPalette(element: Element): Palette {
  const style = getComputedStyle(element)
  const token = (name: string): string => style.getPropertyValue(`--${name}`).trim()
  return {
    kinds: pageKinds.map((kind) => token(`map-${kind}`)),
    ground: token('map-ground'),
    first: token('map-first'),
    text: token('map-text'),
    cursor: token('map-cursor'),
    selection: token('map-selection'),
    font: `11px ${token('mono')}`
  }
}
