// SPDX-License-Identifier: GPL-2.0-or-later
// What goes over Electron's IPC, as JSON text: plain data, `undefined` and every number; functions are refused.

export interface Wire {
  encode(value: unknown): string
  decode(text: string): unknown
}

/** Put into the page by its source text, too: it uses nothing from outside itself. */
export function makeWire(): Wire {
  const pack = (value: unknown): unknown => {
    if (value === undefined) return { t: 'undefined' }
    if (typeof value === 'number' && !Number.isFinite(value)) return { t: 'number', v: String(value) }
    if (typeof value === 'function' || typeof value === 'symbol') throw new Error('An object could not be cloned.')
    if (typeof value !== 'object' || value === null) return value
    if (Array.isArray(value)) return value.map(pack)
    const kind = Object.prototype.toString.call(value)
    if (kind !== '[object Object]') throw new Error(`electron stand-in: ${kind} over ipc is not covered`)
    return { t: 'object', v: Object.entries(value).map(([key, member]) => [key, pack(member)]) }
  }
  const unpack = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return value
    if (Array.isArray(value)) return value.map(unpack)
    const { t, v } = value as { t: string; v: unknown }
    if (t === 'undefined') return undefined
    if (t === 'number') return Number(v)
    return Object.fromEntries((v as [string, unknown][]).map(([key, member]) => [key, unpack(member)]))
  }
  return { encode: (value) => JSON.stringify(pack(value)), decode: (text) => unpack(JSON.parse(text)) }
}
