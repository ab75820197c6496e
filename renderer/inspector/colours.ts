// SPDX-License-Identifier: GPL-2.0-or-later
import type { PageKind } from './page-facts.ts'

/** Colours of the hex area, out of style/tokens.css: a canvas does not read custom properties by itself. */
export interface Colours {
  readonly font: string
  readonly bold: string
  readonly text: string
  readonly muted: string
  readonly line: string
  readonly strong: string
  readonly ground: string
  readonly accent: string
  readonly selection: string
  readonly edited: string
  readonly editedGround: string
  readonly differs: string
  readonly differsGround: string
  readonly changed: string
  readonly changedGround: string
  readonly hitGround: string
  /** behind a row, by what its page is */
  readonly grounds: Record<PageKind, string>
  /** the strip beside the address, as on the page map */
  readonly strips: Record<PageKind, string>
}

export function readColours(element: Element): Colours {
  const style = getComputedStyle(element)
  const token = (name: string): string => style.getPropertyValue(`--${name}`).trim()
  const font = `12px ${token('mono')}`
  const [panel, ground, sunken] = [token('panel'), token('ground'), token('sunken')]
  return {
    font,
    bold: `bold ${font}`,
    text: token('text'),
    muted: token('muted'),
    line: token('border'),
    strong: token('map-first'),
    ground: panel,
    accent: token('accent'),
    selection: token('selected'),
    edited: token('accent'),
    editedGround: token('note-ground'),
    differs: token('bad'),
    differsGround: token('bad-ground'),
    changed: token('warn'),
    changedGround: token('warn-ground'),
    hitGround: token('good-ground'),
    grounds: { free: ground, metadata: sunken, allocated: panel, bad: sunken, absent: ground, unknown: panel },
    strips: {
      free: token('map-free'),
      metadata: token('map-metadata'),
      allocated: token('map-allocated'),
      bad: token('map-bad'),
      absent: ground,
      unknown: panel
    }
  }
}
