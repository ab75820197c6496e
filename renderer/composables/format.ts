// SPDX-License-Identifier: GPL-2.0-or-later
/** Numbers as people in this field read them: exact binary sizes, hexadecimal addresses. */

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const
const grouped = new Intl.NumberFormat('en-US')

export const pageBytes = 4096

/** "1 GiB", "1.5 MiB", "4 KiB": at most three digits after the point. */
export function formatBytes(bytes: number): string {
  let unit = 0
  let value = bytes
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit++
  }
  return `${Number(value.toFixed(value >= 100 ? 1 : 2))} ${units[unit]}`
}

export const formatCount = (count: number): string => grouped.format(count)
export const formatHex = (value: number): string => `0x${value.toString(16)}`
export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${formatCount(count)} ${count === 1 ? one : many}`

/** The order of a power of two of pages, null for any other count. */
export function orderOf(pages: number): number | null {
  const order = Math.log2(pages)
  return Number.isInteger(order) ? order : null
}

/** "order 9" or "300 pages". */
export function formatPages(pages: number): string {
  const order = orderOf(pages)
  return order === null ? plural(pages, 'page') : `${plural(pages, 'page')} (order ${order})`
}

/** "3.2 s", "2 min 5 s", "1 h 3 min". */
export function formatDuration(milliseconds: number): string {
  const seconds = milliseconds / 1000
  if (seconds < 1) return `${Math.max(0, Math.round(milliseconds))} ms`
  if (seconds < 60) return `${seconds.toFixed(1)} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min ${Math.floor(seconds % 60)} s`
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** "just now", "5 min ago", "3 d ago". */
export function formatAge(time: number, now: number): string {
  const minutes = Math.floor((now - time) / 60_000)
  if (minutes < 1) return 'just now'
  if (minutes < 60) return `${minutes} min ago`
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h ago`
  return `${Math.floor(minutes / 1440)} d ago`
}

const pad = (value: number): string => String(value).padStart(2, '0')

/** Local time as 2026-11-22 13:05:09. */
export function formatTime(time: number): string {
  const date = new Date(time)
  const day = `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`
  return `${day} ${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`
}

/** The first group of a UUID, enough to tell two apart on screen. */
export const shortId = (uuid: string): string => uuid.slice(0, 8)

const sizePattern = /^(0x[0-9a-f]+|\d+(?:\.\d+)?)\s*([kmgtp]?)(?:i?b)?$/i
const factors: Record<string, number> = { '': 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40, p: 2 ** 50 }

/** Bytes out of "64M", "1.5 GiB", "4096" or "0x100000"; null when it is none or no whole number of bytes. */
export function parseSize(text: string): number | null {
  const match = sizePattern.exec(text.trim())
  if (!match) return null
  const bytes = Number(match[1]) * (factors[(match[2] ?? '').toLowerCase()] ?? 1)
  return Number.isSafeInteger(bytes) ? bytes : null
}

/** A whole number out of "300", "1,024" or "0x12c"; null when it is none. */
export function parseCount(text: string): number | null {
  const plain = text.trim().replaceAll(',', '')
  return /^(0x[0-9a-f]+|\d+)$/i.test(plain) ? Number(plain) : null
}
