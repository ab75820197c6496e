// SPDX-License-Identifier: GPL-2.0-or-later
// /proc/iomem as the guest shows it, read here independently of the helper.

export interface IomemRange {
  /** both inclusive */
  readonly first: number
  readonly last: number
  readonly name: string
}

export function parseIomem(text: string): IomemRange[] {
  return text
    .trim()
    .split('\n')
    .map((line) => {
      const [, first = '', last = '', name = ''] = /^\s*([0-9a-f]+)-([0-9a-f]+) : (.*)$/.exec(line) ?? []
      return { first: parseInt(first, 16), last: parseInt(last, 16), name }
    })
}

/** Bytes of [base, base + size) by the innermost name that covers them; what lies inside stands behind what is around. */
export function takenOf(ranges: readonly IomemRange[], base: number, size: number): Map<string, number> {
  const edges = ranges.flatMap(({ first, last }) => [first, last + 1]).filter((at) => at > base && at < base + size)
  const cuts = [...new Set([base, ...edges, base + size])].sort((a, b) => a - b)
  const taken = new Map<string, number>()
  for (const [i, at] of cuts.slice(0, -1).entries()) {
    const name = ranges.findLast(({ first, last }) => first <= at && at <= last)?.name
    if (name !== undefined) taken.set(name, (taken.get(name) ?? 0) + (cuts[i + 1] ?? at) - at)
  }
  return taken
}
