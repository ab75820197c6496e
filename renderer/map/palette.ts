// SPDX-License-Identifier: GPL-2.0-or-later
/** Colours of the map, out of style/tokens.css: a canvas does not read custom properties by itself. */

export const categoryColours = 10

export interface Palette {
  readonly free: string
  readonly metadata: string
  readonly allocated: string
  readonly named: string
  readonly bad: string
  readonly unlisted: string
  readonly others: string
  /** kinds that have no order */
  readonly categories: readonly string[]
  /** ends and middle of a sequence, from little to much */
  readonly ramp: readonly [string, string, string]
  readonly ground: string
  readonly first: string
  readonly text: string
  readonly cursor: string
  readonly hover: string
  readonly selection: string
  readonly range: string
  readonly bookmark: string
  readonly font: string
}

export function readPalette(element: Element): Palette {
  const style = getComputedStyle(element)
  const token = (name: string): string => style.getPropertyValue(`--${name}`).trim()
  return {
    free: token('map-free'),
    metadata: token('map-metadata'),
    allocated: token('map-allocated'),
    named: token('map-named'),
    bad: token('map-bad'),
    unlisted: token('map-unlisted'),
    others: token('map-others'),
    categories: Array.from({ length: categoryColours }, (_, index) => token(`map-category-${index + 1}`)),
    ramp: [token('map-ramp-low'), token('map-ramp-middle'), token('map-ramp-high')],
    ground: token('map-ground'),
    first: token('map-first'),
    text: token('map-text'),
    cursor: token('map-cursor'),
    hover: token('map-hover'),
    selection: token('map-selection'),
    range: token('map-range'),
    bookmark: token('map-bookmark'),
    font: `11px ${token('mono')}`
  }
}

const channel = (hex: string, at: number): number => Number.parseInt(hex.slice(at, at + 2), 16) || 0

/** "#rrggbb" as ImageData has it in memory, little-endian. */
export const pixelOf = (hex: string): number =>
  ((255 << 24) | (channel(hex, 5) << 16) | (channel(hex, 3) << 8) | channel(hex, 1)) >>> 0

/** Between two colours: 0 the first, 1 the second. */
export function mixed(from: string, to: string, part: number): string {
  const mix = (at: number): string =>
    Math.round(channel(from, at) + (channel(to, at) - channel(from, at)) * part)
      .toString(16)
      .padStart(2, '0')
  return `#${mix(1)}${mix(3)}${mix(5)}`
}

/** A colour of a sequence: 0 little, 1 much. */
export const rampColour = ({ ramp: [low, middle, high] }: Palette, part: number): string =>
  part < 0.5 ? mixed(low, middle, part * 2) : mixed(middle, high, part * 2 - 1)
