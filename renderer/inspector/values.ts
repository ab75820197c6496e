// SPDX-License-Identifier: GPL-2.0-or-later
/** What the bytes at the cursor mean as numbers, times and identifiers. */

const table = {
  bits: [1, 'bits'],
  u8: [1, 'u8'],
  i8: [1, 'i8'],
  u16: [2, 'u16'],
  i16: [2, 'i16'],
  u32: [4, 'u32'],
  i32: [4, 'i32'],
  u64: [8, 'u64'],
  i64: [8, 'i64'],
  leb128: [1, 'ULEB128'],
  f16: [2, 'f16'],
  bf16: [2, 'bf16'],
  f32: [4, 'f32'],
  f64: [8, 'f64'],
  time32: [4, 'time_t 32'],
  time64: [8, 'time_t 64'],
  ms: [8, 'unix ms'],
  ns: [8, 'unix ns'],
  filetime: [8, 'FILETIME'],
  uuid: [16, 'UUID'],
  guid: [16, 'GUID']
} as const
export type ValueKind = keyof typeof table
export const valueKinds = Object.keys(table) as readonly ValueKind[]
const column = <T>(of: (kind: ValueKind) => T): Record<ValueKind, T> =>
  Object.fromEntries(valueKinds.map((kind) => [kind, of(kind)])) as Record<ValueKind, T>
export const valueTitles = column<string>((kind) => table[kind][1])
/** of leb128 the least */
export const valueBytes = column<number>((kind) => table[kind][0])

const integers: readonly ValueKind[] = ['u8', 'i8', 'u16', 'i16', 'u32', 'i32', 'u64', 'i64']
export const isInteger = (kind: ValueKind): boolean => integers.includes(kind)

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

/** The float whose bits these are. */
function asFloat32(bits: number): number {
  const view = new DataView(new ArrayBuffer(4))
  view.setUint32(0, bits)
  return view.getFloat32(0)
}

const floatText = (value: number): string => (Object.is(value, -0) ? '-0' : String(value))

/** A point in time, UTC, or that there is none so far away. */
function time(milliseconds: bigint, below = ''): string {
  const date = new Date(Number(milliseconds))
  if (milliseconds > 8_640_000_000_000_000n || Number.isNaN(date.getTime())) return 'out of range'
  const [day, clock] = date.toISOString().replace('Z', '').split('T')
  return `${day} ${below === '' ? clock!.replace('.000', '') : `${clock}${below}`}Z`
}

/** Division that rounds down below zero too. */
const floor = (value: bigint, by: bigint): bigint => (value - (((value % by) + by) % by)) / by

/** A GUID has its first three fields little-endian, a UUID none. */
export const guidOrder: readonly number[] = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15]

function uuid(bytes: Uint8Array, order: readonly number[]): string {
  const hex = order.map((index) => bytes[index]!.toString(16).padStart(2, '0')).join('')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

/** Seven bits a byte, the lowest first, as long as the highest bit is set; null: longer than 64 bits, or than is known. */
function leb128(bytes: Uint8Array): string | null {
  let value = 0n
  for (let i = 0; i < Math.min(10, bytes.length); i++) {
    value |= BigInt(bytes[i]! & 0x7f) << BigInt(7 * i)
    if (bytes[i]! < 0x80) return value >> 64n === 0n ? `${value} (${i + 1} B)` : null
  }
  return null
}

/** Null when there are too few bytes. */
export function decodeValue(kind: ValueKind, bytes: Uint8Array, little: boolean): string | null {
  const count = valueBytes[kind]
  if (bytes.length < count) return null
  const raw = count > 8 ? 0n : unsigned(bytes, count, little)
  const signed = BigInt.asIntN(count * 8, raw)
  const rest = ((signed % 10_000n) + 10_000n) % 10_000n // of a FILETIME, below the millisecond
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  switch (kind) {
    case 'bits':
      return bytes[0]!.toString(2).padStart(8, '0').replace(/^..../, '$& ')
    case 'f16':
      return floatText(half(Number(raw)))
    case 'bf16':
      return floatText(Number(asFloat32(Number(raw) * 0x10000).toPrecision(4)))
    case 'leb128':
      return leb128(bytes)
    case 'f32':
      return floatText(Number(view.getFloat32(0, little).toPrecision(9)))
    case 'f64':
      return floatText(view.getFloat64(0, little))
    case 'time32':
    case 'time64':
      return time(signed * 1000n)
    case 'ms':
      return time(signed)
    case 'ns':
      return time(floor(signed, 1_000_000n), String(((signed % 1_000_000n) + 1_000_000n) % 1_000_000n).padStart(6, '0'))
    case 'filetime':
      return time(floor(signed, 10_000n) - 11_644_473_600_000n, rest === 0n ? '' : String(rest).padStart(4, '0'))
    case 'uuid':
      return uuid(bytes, [...Array(16).keys()])
    case 'guid':
      return uuid(bytes, guidOrder)
    default:
      return String(kind.startsWith('u') ? raw : signed)
  }
}

/** The page that eight bytes lead to as an entry of an x86 page table, or of an IOMMU's: bit 0 says that it is there. */
export function entryAddress(bytes: Uint8Array, little: boolean): number | null {
  if (bytes.length < 8) return null
  const raw = unsigned(bytes, 8, little)
  return raw & 1n ? Number(raw & 0x000f_ffff_ffff_f000n) : null
}

/** The 64 bits at the cursor as a number, when it stays exact. */
export function pointerValue(bytes: Uint8Array, little: boolean): number | null {
  if (bytes.length < 8) return null
  const raw = unsigned(bytes, 8, little)
  return raw <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(raw) : null
}
