// SPDX-License-Identifier: GPL-2.0-or-later
/** Patterns that an allocation can be filled with, as the page names them. */
import type { Pattern } from '@api'
import { bytesToBase64 } from '../composables/base64.ts'
import type { Option } from '../composables/command-line.ts'

export type PatternKind = Pattern['kind']

export const patternKinds: readonly (readonly [kind: PatternKind, title: string])[] = [
  ['zeros', 'zeros'],
  ['ones', 'ones'],
  ['address', 'address: each word its own address'],
  ['address-inverted', 'address, inverted'],
  ['random', 'random words from a seed'],
  ['walking-ones', 'walking ones'],
  ['walking-zeros', 'walking zeros'],
  ['checkerboard', 'checkerboard'],
  ['checkerboard-inverted', 'checkerboard, inverted'],
  ['data', 'bytes of your own, repeated']
]

export const isSeeded = (kind: PatternKind): boolean => ['random', 'walking-ones', 'walking-zeros'].includes(kind)

export const mostBytes = 1 << 16

/** "de ad be ef", "deadbeef" or "0xde, 0xad"; null when it is none. */
export function parseBytes(text: string): Uint8Array<ArrayBuffer> | null {
  const digits = text.replace(/0x/gi, '').replace(/[\s,]+/g, '')
  if (digits === '' || digits.length % 2 !== 0 || !/^[0-9a-f]*$/i.test(digits)) return null
  const bytes = new Uint8Array(digits.length / 2)
  for (let at = 0; at < bytes.length; at++) bytes[at] = Number.parseInt(digits.slice(2 * at, 2 * at + 2), 16)
  return bytes.length <= mostBytes ? bytes : null
}

export interface PatternChoice {
  readonly kind: PatternKind
  readonly seed: number
  /** hexadecimal */
  readonly bytes: string
}

/** null: the bytes or the seed are none. */
export function patternOf({ kind, seed, bytes }: PatternChoice): Pattern | null {
  if (kind === 'data') {
    const data = parseBytes(bytes)
    return data && { kind, data: bytesToBase64(data) }
  }
  if (!isSeeded(kind)) return { kind }
  return Number.isSafeInteger(seed) && seed >= 0 ? { kind, ...(seed > 0 && { seed }) } : null
}

export const patternWrong = (choice: PatternChoice): string =>
  patternOf(choice) !== null
    ? ''
    : choice.kind === 'data'
      ? 'Write bytes in hexadecimal, two digits each: de ad be ef.'
      : 'A seed is a whole number from 0.'

/** Of `pmpool fill POOL ALLOCATION PATTERN`. */
export const patternOptions = ({ kind, seed }: PatternChoice): readonly Option[] => [
  ['seed', isSeeded(kind) && seed > 0 ? seed : undefined],
  ['data', kind === 'data' ? '-' : undefined]
]

/** What has to stand before that command: bytes come by its standard input. */
export function patternInput({ kind, bytes }: PatternChoice): string {
  if (kind !== 'data') return ''
  const data = parseBytes(bytes) ?? new Uint8Array()
  if (data.length > mostPrinted) return 'cat FILE | '
  // every shell's printf knows octal, not every one hexadecimal
  const octal = Array.from(data, (byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('')
  return `printf '${octal}' | `
}
const mostPrinted = 64
