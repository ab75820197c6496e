// SPDX-License-Identifier: GPL-2.0-or-later
/** Numbers, times and identifiers as they are typed, as bytes. */
import { decodeValue, guidOrder, isInteger, valueBytes, type ValueKind } from './values.ts'

/** Kinds that text can be turned into bytes of; of a ULEB128 the length would change. */
export const canEncode = (kind: ValueKind): boolean => kind !== 'leb128'

type Bytes = Uint8Array<ArrayBuffer>

/** The lowest bytes of a number, two's complement. */
function bytesOf(value: bigint, width: number, little: boolean): Bytes {
  const raw = BigInt.asUintN(width * 8, value)
  return Uint8Array.from({ length: width }, (_, i) => Number((raw >> BigInt(8 * (little ? i : width - 1 - i))) & 0xffn))
}

export function encodeInteger(text: string, width: number, little: boolean): Bytes | null {
  const match = /^(-?)(0x[0-9a-f]+|0b[01]+|\d+)$/i.exec(text.replace(/[\s,_]/g, ''))
  if (!match) return null
  const value = match[1] === '-' ? -BigInt(match[2]!) : BigInt(match[2]!)
  const bits = BigInt(width * 8)
  return value >= 1n << bits || value < -(1n << (bits - 1n)) ? null : bytesOf(value, width, little)
}

/** Of a kind: what is shown afterwards has to be what was typed, unless that was in hexadecimal. */
function integer(kind: ValueKind, text: string, little: boolean): Bytes | null {
  const bytes = encodeInteger(text, valueBytes[kind], little)
  if (!bytes || /^-?0x/i.test(text.trim())) return bytes
  return decodeValue(kind, bytes, little) === String(BigInt(text.replace(/[\s,_]/g, ''))) ? bytes : null
}

/** The bits of a half-precision float: the nearest one, of two the even one. */
export function halfBits(number: number): number {
  if (Number.isNaN(number)) return 0x7e00
  const sign = number < 0 || Object.is(number, -0) ? 0x8000 : 0
  const size = Math.abs(number)
  if (size >= 65520) return sign | 0x7c00
  const exponent = Math.max(-14, Math.floor(Math.log2(size || 1)))
  const scaled = size / 2 ** (exponent - 10) // 1024 to 2047, less below the smallest normal one
  const whole = Math.floor(scaled)
  const over = scaled - whole
  const fraction = whole + (over > 0.5 || (over === 0.5 && whole % 2 === 1) ? 1 : 0)
  // a fraction that became 2048 carries into the exponent by itself
  return sign | (fraction < 1024 ? fraction : ((exponent + 14) << 10) + fraction)
}

function float(kind: 'f16' | 'bf16' | 'f32' | 'f64', text: string, little: boolean): Bytes | null {
  const typed = text.trim()
  const number = typed === '' ? NaN : Number(typed.replace(/^([+-]?)inf$/i, '$1Infinity'))
  if (Number.isNaN(number) && typed.toLowerCase() !== 'nan') return null
  const bytes = new Uint8Array(valueBytes[kind])
  const view = new DataView(bytes.buffer)
  if (kind === 'f16') view.setUint16(0, halfBits(number), little)
  else if (kind === 'bf16') view.setUint16(0, brainBits(number), little)
  else if (kind === 'f32') view.setFloat32(0, number, little)
  else view.setFloat64(0, number, little)
  return bytes
}

/** The upper half of a float32, rounded to the nearest, of two to the even one. */
function brainBits(number: number): number {
  if (Number.isNaN(number)) return 0x7fc0
  const view = new DataView(new ArrayBuffer(4))
  view.setFloat32(0, number)
  const bits = view.getUint32(0)
  return ((bits + 0x7fff + ((bits >>> 16) & 1)) / 0x10000) & 0xffff
}

const timeForm = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?)?\s*Z?$/i

/** Nanoseconds since 1970 of "2026-11-23 02:43:09.5Z", UTC; null when there is no such time. */
export function parseTime(text: string): bigint | null {
  const match = timeForm.exec(text.trim())
  if (!match) return null
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
    number
  ]
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day) // Date.UTC takes year 70 for 1970
  date.setUTCHours(hour, minute, second)
  const isSame = date.getUTCMonth() === month - 1 && date.getUTCDate() === day && date.getUTCSeconds() === second
  if (!isSame || date.getUTCHours() !== hour || date.getUTCMinutes() !== minute) return null
  return BigInt(date.getTime()) * 1_000_000n + BigInt((match[7] ?? '').padEnd(9, '0'))
}

/** Nanoseconds of one step of each, and from which nanosecond since 1970 it counts. */
const clocks = {
  time32: [1_000_000_000n, 0n],
  time64: [1_000_000_000n, 0n],
  ms: [1_000_000n, 0n],
  ns: [1n, 0n],
  filetime: [100n, -11_644_473_600_000_000_000n]
} as const
const isClock = (kind: ValueKind): kind is keyof typeof clocks => kind in clocks

/** A date, or the plain number of steps. */
function time(kind: keyof typeof clocks, text: string, little: boolean): Bytes | null {
  const width = valueBytes[kind]
  const at = parseTime(text)
  if (at === null) return encodeInteger(text, width, little)
  const [step, start] = clocks[kind]
  const value = (at - start) / step
  return (at - start) % step === 0n && BigInt.asIntN(width * 8, value) === value ? bytesOf(value, width, little) : null
}

function identifier(text: string, order: readonly number[]): Bytes | null {
  const hex = text.trim().replace(/^\{(.*)\}$/, '$1')
  if (!/^[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}$/i.test(hex)) return null
  const pairs = hex.replaceAll('-', '').match(/../g) ?? []
  const bytes = new Uint8Array(16)
  order.forEach((index, at) => (bytes[index] = parseInt(pairs[at]!, 16)))
  return bytes
}

/** Bytes of a value as it is typed; null when it is none of that kind. */
export function encodeValue(kind: ValueKind, text: string, little: boolean): Bytes | null {
  if (kind === 'bits') return /^[01 ]+$/.test(text) ? encodeInteger(`0b${text.replaceAll(' ', '')}`, 1, true) : null
  if (isInteger(kind)) return integer(kind, text, little)
  if (isClock(kind)) return time(kind, text, little)
  if (kind === 'guid') return identifier(text, guidOrder)
  if (kind === 'uuid') return identifier(text, [...Array(16).keys()])
  return kind === 'f16' || kind === 'bf16' || kind === 'f32' || kind === 'f64' ? float(kind, text, little) : null
}
