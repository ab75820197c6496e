// SPDX-License-Identifier: GPL-2.0-or-later
// What the page benchmark measured, and how it is printed. Asserts nothing.

export interface Figure {
  readonly what: string
  /** of the values; ms unless said otherwise */
  readonly unit?: 'ms' | 'MiB'
  readonly values: readonly number[]
  /** as /targets: what is held against it */
  readonly target?: { readonly of: 'median' | 'p95'; readonly below: number }
  /** measured in the same run on the same machine */
  readonly peer?: Figure
  /** of the work that is given beside the values */
  readonly note?: string
}

export const quantile = (values: readonly number[], q: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * q))] ?? Number.NaN

const short = (value: number): string => (value < 10 ? value.toFixed(2) : value.toFixed(value < 100 ? 1 : 0))

export function printFigure({ what, unit = 'ms', values, target, peer, note }: Figure): void {
  const median = quantile(values, 0.5)
  const p95 = quantile(values, 0.95)
  const parts = [
    values.length > 1 ? `median ${short(median)} ${unit}, p95 ${short(p95)} ${unit}` : `${short(median)} ${unit}`,
    `n=${values.length}`
  ]
  if (target) {
    const value = target.of === 'median' ? median : p95
    parts.push(
      `target ${values.length > 1 ? `${target.of} ` : ''}under ${target.below} ${unit}: ${(value / target.below).toFixed(2)} of it`
    )
  }
  if (peer)
    parts.push(
      `${(median / quantile(peer.values, 0.5)).toFixed(2)} / ${(p95 / quantile(peer.values, 0.95)).toFixed(2)} of the peer (median / p95)`
    )
  if (note) parts.push(note)
  console.log(`${what.padEnd(58)} ${parts.join('; ')}`)
}
