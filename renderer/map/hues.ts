// SPDX-License-Identifier: GPL-2.0-or-later
/** Which kind has which hue of the palette. By its name, so that neither amounts nor the view decide it. */
import { categoryColours } from './palette.ts'

/** The kind that holds each hue, or null. */
export type Hues = readonly (string | null)[]

/** FNV-1a over the code units. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193)
  return value >>> 0
}

/** All hues, the name's own first. */
export function preferred(name: string): number[] {
  const own = hash(name) % categoryColours
  return Array.from({ length: categoryColours }, (_, step) => (own + step) % categoryColours)
}

/**
 * Whoever has a hue keeps it. The rest of those present get their own hue or the next that nobody has, then one of a kind
 * that is there no more; when there are too many, the last of `present` get none.
 */
export function given(hues: Hues, present: readonly string[]): Hues {
  const next: (string | null)[] = Array.from({ length: categoryColours }, (_, hue) => hues[hue] ?? null)
  const here = new Set(present)
  const isTaken = (name: string | null): boolean => name !== null && here.has(name)
  const room = categoryColours - next.filter(isTaken).length
  const coming = present.filter((name) => !next.includes(name)).slice(0, room)
  for (const name of coming.toSorted()) {
    const order = preferred(name)
    const hue = order.find((each) => next[each] === null) ?? order.find((each) => !isTaken(next[each]!))
    if (hue !== undefined) next[hue] = name
  }
  return coming.length > 0 ? next : hues
}
