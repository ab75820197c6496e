// SPDX-License-Identifier: GPL-2.0-or-later
/** Integers, text, UUIDs and checksums as docs/format.md has them on the medium. */

/**
 * A 64-bit count or offset. What is beyond 2^53 is rounded and stays beyond it, so comparing with anything that a
 * region can have is exact.
 */
export const count64 = (view: DataView, at: number): number => Number(view.getBigUint64(at, true))
export const exact64 = (view: DataView, at: number): bigint => view.getBigUint64(at, true)

export const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

export const allZero = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0)

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte
  for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >>> 1) ^ 0x82f63b78 : rest >>> 1
  return rest >>> 0
})

function crcFrom(start: number, bytes: Uint8Array): number {
  let sum = start
  for (const byte of bytes) sum = (sum >>> 8) ^ (table[(sum ^ byte) & 0xff] ?? 0)
  return sum >>> 0
}

/** CRC32C (Castagnoli, RFC 3720). */
export const crc32c = (bytes: Uint8Array): number => ~crcFrom(0xffffffff, bytes) >>> 0

const rotate = (word: bigint, by: bigint): bigint => BigInt.asUintN(64, (word << by) | (word >> (64n - by)))

/** The check of a block's sixteen words of page states. */
export function checkOf(words: Uint8Array): number {
  const view = new DataView(words.buffer, words.byteOffset, words.byteLength)
  const mixed = new DataView(new ArrayBuffer(8))
  let check = 0
  for (let nth = 0; nth < words.length / 8; nth++) {
    const word = view.getBigUint64(nth * 8, true)
    if (word === 0n) continue
    mixed.setBigUint64(0, word ^ rotate(word, BigInt(2 * nth + 3)) ^ rotate(word, 31n), true)
    check ^= crcFrom(0, new Uint8Array(mixed.buffer))
  }
  return check >>> 0
}

/** 8-4-4-4-12 hexadecimal digits, the bytes in the order in which they stand. */
export function uuidText(bytes: Uint8Array): string {
  const digits = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

/** Code points that are not printable: what is invisible, turns the writing direction, or is no character. */
const unprintable = /[\p{Cc}\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff0-\ufffb\u{e0000}-\u{10ffff}]/u

const isPrintable = (text: string): boolean =>
  !unprintable.test(text) && ![...text].some((character) => ((character.codePointAt(0) ?? 0) & 0xfffe) === 0xfffe)

/** Text of a fixed field, or null when it is not printable UTF-8 that is terminated and padded with NUL. */
export function fieldText(field: Uint8Array): string | null {
  const end = field.indexOf(0)
  if (end < 0 || !allZero(field.subarray(end))) return null
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(field.subarray(0, end))
    return isPrintable(text) ? text : null
  } catch {
    return null
  }
}

/** A name has 1 to 63 bytes without `/`. */
export function fieldName(field: Uint8Array): string | null {
  const text = fieldText(field)
  return text === null || text === '' || text.includes('/') ? null : text
}

/** Text that is shown and nothing else: up to the first NUL, what is no UTF-8 or cannot be printed as U+FFFD. */
export function shownText(field: Uint8Array): string {
  const end = field.indexOf(0)
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(field.subarray(0, end < 0 ? -1 : end))
  return [...text].map((character) => (isPrintable(character) ? character : '\ufffd')).join('')
}

/** Ids and log sequences that no pool reaches, and from which counting on could wrap. */
export const beyondCounting = (id: bigint): boolean => id > 2n ** 62n
