// SPDX-License-Identifier: GPL-2.0-or-later
// Where the window stood, kept in window.json of the data directory.
import { mkdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { z } from 'zod'
import { writeStored } from '../lab/store.ts'

const Bounds = z.object({
  x: z.number().int(),
  y: z.number().int(),
  width: z.number().int().positive(),
  height: z.number().int().positive()
})
const Saved = Bounds.extend({ maximized: z.boolean() })

/** Device-independent pixels, on the desktop. */
type Bounds = z.infer<typeof Bounds>

/** A position is absent when the desktop should choose one. */
interface WindowState {
  readonly bounds: { readonly width: number; readonly height: number; readonly x?: number; readonly y?: number }
  readonly maximized: boolean
}

export const minimumSize = { width: 800, height: 560 }
const usual = { width: 1440, height: 900 }

/** As much of a title bar as a hand needs to take hold of a window. */
const handle = { width: 120, height: 32 }

const overlap = (from: number, length: number, otherFrom: number, otherLength: number): number =>
  Math.min(from + length, otherFrom + otherLength) - Math.max(from, otherFrom)

/** The work area in which a window's title bar can be reached. */
const areaWithTitle = ({ x, y, width }: Bounds, areas: readonly Bounds[]): Bounds | undefined =>
  areas.find(
    (area) =>
      overlap(x, width, area.x, area.width) >= handle.width && y >= area.y && y + handle.height <= area.y + area.height
  )

const within = (length: number, least: number, most: number): number => Math.max(least, Math.min(length, most))

/** A size that a window can have on a display. */
const fitSize = (size: { width: number; height: number }, { width, height }: Bounds) => ({
  width: within(size.width, minimumSize.width, width),
  height: within(size.height, minimumSize.height, height)
})

/**
 * What to open: the saved state held against the displays of today.
 * @param saved content of window.json, from whatever wrote it; undefined: none
 * @param areas work areas of the displays, the primary one first
 */
export function fitState(saved: unknown, areas: readonly [Bounds, ...Bounds[]]): WindowState {
  const { success, data } = Saved.safeParse(saved)
  if (!success) return { bounds: fitSize(usual, areas[0]), maximized: false }
  const { x, y, maximized } = data
  const area = areaWithTitle({ ...data, width: Math.max(data.width, minimumSize.width) }, areas)
  return area ? { bounds: { x, y, ...fitSize(data, area) }, maximized } : { bounds: fitSize(data, areas[0]), maximized }
}

export function readState(file: string, areas: readonly [Bounds, ...Bounds[]]): WindowState {
  let saved: unknown
  try {
    saved = JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    saved = undefined // missing or torn: a window at its usual place is no loss
  }
  return fitState(saved, areas)
}

/** Atomic: a crash leaves the old file or the new one. */
export function writeState(file: string, { x, y, width, height }: Bounds, maximized: boolean): void {
  mkdirSync(dirname(file), { recursive: true })
  writeStored(file, { x, y, width, height, maximized } satisfies z.infer<typeof Saved>)
}
