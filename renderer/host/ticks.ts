// SPDX-License-Identifier: GPL-2.0-or-later
/** Where the ruler of the address axis has marks. */
import { formatHex, pageBytes } from '../composables/format.ts'
import { toX, type Lens } from './lens.ts'

export interface Tick {
  readonly x: number
  readonly label: string
}

const characterWidth = 6.7 // CSS pixels, of 11px monospace
const room = 12 // CSS pixels between two labels

/** The power of two of bytes that leaves a label room; a page at least. */
const stepOf = (bytesPerPixel: number, widest: number): number =>
  Math.max(pageBytes, 2 ** Math.ceil(Math.log2(bytesPerPixel * (widest + room))))

/** Ends of ranges where there are any, and round addresses inside long stretches; no label over another one. */
export function ticksOf(lens: Lens): Tick[] {
  const { axis, from, span } = lens
  const widest = formatHex(axis.end).length * characterWidth
  const ticks: Tick[] = []
  let free = -Infinity
  const put = (address: number, x: number): void => {
    if (x < free || x < -1 || x > lens.width + 1) return
    const label = formatHex(address)
    ticks.push({ x, label })
    free = x + label.length * characterWidth + room
  }
  for (const { base, size, at, length, cut } of axis.between(from, from + span)) {
    const [left, right] = [toX(lens, at), toX(lens, at + length)]
    put(base, left)
    if (right - left < 2 * (widest + room) || cut) continue
    const step = stepOf(size / (right - left), widest)
    const first = Math.max(base, base + ((Math.max(left, 0) - left) / (right - left)) * size)
    const shown = Math.min(base + size, base + ((Math.min(right, lens.width) - left) / (right - left)) * size)
    for (let address = Math.ceil(first / step) * step; address < shown; address += step)
      put(address, left + ((address - base) / size) * (right - left))
  }
  return ticks
}
