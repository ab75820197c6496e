// SPDX-License-Identifier: GPL-2.0-or-later
/** The part of the axis that is in view. All of it pure: each move makes a new lens. */
import type { Axis } from './axis.ts'

export interface Lens {
  readonly axis: Axis
  /** CSS pixels */
  readonly width: number
  /** units of the axis at the left edge */
  readonly from: number
  /** units from edge to edge */
  readonly span: number
}

export const whole = (axis: Axis, width: number): Lens => ({ axis, width, from: 0, span: axis.length })

export const toX = ({ from, span, width }: Lens, unit: number): number => ((unit - from) / span) * width
export const toUnit = ({ from, span, width }: Lens, x: number): number => from + (x / width) * span
export const xOf = (lens: Lens, address: number): number => toX(lens, lens.axis.unitOf(address))
export const addressAt = (lens: Lens, x: number): number => lens.axis.addressOf(toUnit(lens, x))
export const isWhole = ({ span, axis }: Lens): boolean => span >= axis.length

/** Never past an end, never less than one page from edge to edge around `focus`. */
function clamped(lens: Lens, from: number, span: number, focus: number): Lens {
  const { axis } = lens
  const fitting = Math.min(axis.length, Math.max(span, Math.min(axis.length, axis.pageUnits(focus))))
  const kept = fitting === span ? from : focus - (focus - from) * (fitting / span)
  return { ...lens, span: fitting, from: Math.max(0, Math.min(kept, axis.length - fitting)) }
}

/** `factor` below 1 shows less; what is at `x` stays there. */
export function zoomed(lens: Lens, factor: number, x: number): Lens {
  const focus = toUnit(lens, x)
  const span = lens.span * factor
  return clamped(lens, focus - (x / lens.width) * span, span, focus)
}

export const panned = (lens: Lens, pixels: number): Lens =>
  clamped(lens, lens.from + (pixels / lens.width) * lens.span, lens.span, lens.from + lens.span / 2)

/** Show a range with some room on both sides. */
export function fitted(lens: Lens, base: number, size: number): Lens {
  const { axis } = lens
  const [first, last] = [axis.unitOf(base), axis.unitOf(base + size)]
  const room = Math.max((last - first) * 0.08, axis.pageUnits(first) * 0.08)
  return clamped(lens, first - room, last - first + 2 * room, (first + last) / 2)
}

/** As near as it is, moved only as far as a range needs to be in view. */
export function revealing(lens: Lens, base: number, size: number): Lens {
  const [first, last] = [lens.axis.unitOf(base), lens.axis.unitOf(base + size)]
  if (last - first > lens.span) return fitted(lens, base, size)
  const margin = Math.min(lens.span * 0.05, (lens.span - (last - first)) / 2)
  if (first >= lens.from && last <= lens.from + lens.span) return lens
  const from = first < lens.from ? first - margin : last + margin - lens.span
  return clamped(lens, from, lens.span, (first + last) / 2)
}

/** The same addresses on another axis or another width. */
export function carried(lens: Lens, axis: Axis, width: number): Lens {
  if (isWhole(lens)) return whole(axis, width)
  const first = axis.unitOf(lens.axis.addressOf(lens.from))
  const last = axis.unitOf(lens.axis.addressOf(lens.from + lens.span))
  return clamped({ axis, width, from: first, span: axis.length }, first, last - first, (first + last) / 2)
}
