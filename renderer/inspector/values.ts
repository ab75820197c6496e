// SPDX-License-Identifier: GPL-2.0-or-later
/** What the bytes at the cursor mean as numbers, times and identifiers, and back. */

export const valueKinds = [
  'bits',
  'u8',
  'i8',
  'u16',
  'i16',
  'u32',
  'i32',
  'u64',
  'i64',
  'f16',
  'f32',
  'f64',
  'time32',
  'time64',
  'ms',
  'ns',
  'filetime',
  'uuid'
] as const
export type ValueKind = (typeof valueKinds)[number]

export const valueTitles: Record<ValueKind, string> = {
  bits: 'bits',
  u8: 'u8',
  i8: 'i8',
  u16: 'u16',
  i16: 'i16',
  u32: 'u32',
  i32: 'i32',
  u64: 'u64',
  i64: 'i64',
  f16: 'f16',
  f32: 'f32',
  f64: 'f64',
  time32: 'time_t 32',
  time64: 'time_t 64',
  ms: 'unix ms',
  ns: 'unix ns',
  filetime: 'FILETIME',
  uuid: 'UUID'
}

export const valueBytes: Record<ValueKind, number> = {
  bits: 1,
  u8: 1,
  i8: 1,
  u16: 2,
  i16: 2,
  u32: 4,
  i32: 4,
  u64: 8,
  i64: 8,
  f16: 2,
  f32: 4,
  f64: 8,
  time32: 4,
  time64: 8,
  ms: 8,
  ns: 8,
  filetime: 8,
  uuid: 16
}

const integers: readonly ValueKind[] = ['u8', 'i8', 'u16', 'i16', 'u32', 'i32', 'u64', 'i64']
const isInteger = (kind: ValueKind): boolean => integers.includes(kind)

/** Kinds that text can be turned into bytes of. */
export const canEncode = (kind: ValueKind): boolean => kind === 'bits' || isInteger(kind) || /^f(32|64)$/.test(kind)

function unsigned(bytes: Uint8Array, count: number, little: boolean): bigint {
  let value = 0n
  for (let i = 0; i < count; i++) value = (value << 8n) | BigInt(bytes[little ? count - 1 - i : i]!)
  return value
}

function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 31
  const fraction = bits & 1023
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 31) return fraction ? NaN : sign * Infinity
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

/** A point in time, UTC, or that there is none so far away. */
function time(milliseconds: bigint, below = ''): string {
  const date = new Date(Number(milliseconds))
  if (milliseconds > 8_640_000_000_000_000n || Number.isNaN(date.getTime())) return 'out of range'
  const [day, clock] = date.toISOString().replace('Z', '').split('T')
  return `${day} ${below === '' ? clock!.replace('.000', '') : `${clock}${below}`}Z`
}

/** Division that rounds down below zero too. */
const floor = (value: bigint, by: bigint): bigint => (value - (((value % by) + by) % by)) / by

function uuid(bytes: Uint8Array, little: boolean): string {
  const order = little ? [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15] : [...Array(16).keys()]
  const hex = order.map((index) => bytes[index]!.toString(16).padStart(2, '0')).join('')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

/** Null when there are too few bytes. */
export function decodeValue(kind: ValueKind, bytes: Uint8Array, little: boolean): string | null {
  const count = valueBytes[kind]
  if (bytes.length < count) return null
  const raw = kind === 'uuid' ? 0n : unsigned(bytes, count, little)
  const signed = BigInt.asIntN(count * 8, raw)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  switch (kind) {
    case 'bits':
      return bytes[0]!.toString(2).padStart(8, '0').replace(/^..../, '$& ')
    case 'f16':
      return String(half(Number(raw)))
    case 'f32':
      return String(Number(view.getFloat32(0, little).toPrecision(9)))
    case 'f64':
      return String(view.getFloat64(0, little))
    case 'time32':
    case 'time64':
      return time(signed * 1000n)
    case 'ms':
      return time(signed)
    case 'ns':
      return time(floor(signed, 1_000_000n), String(((signed % 1_000_000n) + 1_000_000n) % 1_000_000n).padStart(6, '0'))
    case 'filetime':
      return time(floor(signed, 10_000n) - 11_644_473_600_000n)
    case 'uuid':
      return uuid(bytes, little)
    default:
      return String(kind.startsWith('u') ? raw : signed)
  }
}

export function encodeInteger(text: string, width: number, little: boolean): Uint8Array<ArrayBuffer> | null {
  const match = /^(-?)(0x[0-9a-f]+|0b[01]+|\d+)$/i.exec(text.replace(/[\s,_]/g, ''))
  if (!match) return null
  const value = match[1] === '-' ? -BigInt(match[2]!) : BigInt(match[2]!)
  const bits = BigInt(width * 8)
  if (value >= 1n << bits || value < -(1n << (bits - 1n))) return null
  const raw = BigInt.asUintN(width * 8, value)
  return Uint8Array.from({ length: width }, (_, i) => Number((raw >> BigInt(8 * (little ? i : width - 1 - i))) & 0xffn))
}

/** Bytes of a value as it is typed; null when it is none of that kind. */
export function encodeValue(kind: ValueKind, text: string, little: boolean): Uint8Array<ArrayBuffer> | null {
  if (kind === 'bits') return /^[01 ]+$/.test(text) ? encodeInteger(`0b${text.replaceAll(' ', '')}`, 1, true) : null
  if (isInteger(kind)) {
    const width = valueBytes[kind]
    const bytes = encodeInteger(text, width, little)
    if (!bytes || /^-?0x/i.test(text.trim())) return bytes
    // what is shown afterwards has to be what was typed
    return decodeValue(kind, bytes, little) === String(BigInt(text.replace(/[\s,_]/g, ''))) ? bytes : null
  }
  if (kind !== 'f32' && kind !== 'f64') return null
  const number = text.trim() === '' ? NaN : Number(text)
  if (Number.isNaN(number) && text.trim().toLowerCase() !== 'nan') return null
  const bytes = new Uint8Array(valueBytes[kind])
  const view = new DataView(bytes.buffer)
  if (kind === 'f32') view.setFloat32(0, number, little)
  else view.setFloat64(0, number, little)
  return bytes
}

/** The 64 bits at the cursor as a number, when it stays exact. */
export function pointerValue(bytes: Uint8Array, little: boolean): number | null {
  if (bytes.length < 8) return null
  const raw = unsigned(bytes, 8, little)
  return raw <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(raw) : null
}
