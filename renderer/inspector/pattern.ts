// SPDX-License-Identifier: GPL-2.0-or-later
/** What to search for, as it is typed. */
import { encodeInteger } from './encode-values.ts'
import { needleMost } from './limits.ts'
import { textToBytes } from './text.ts'

export interface Needle {
  readonly bytes: Uint8Array<ArrayBuffer>
  /** only bits that are 1 count; null: all */
  readonly mask: Uint8Array<ArrayBuffer> | null
  readonly ignoreCase: boolean
  readonly align: number
}
export type Parsed =
  { readonly needle: Needle; readonly wrong: null } | { readonly needle: null; readonly wrong: string }

export const searchKinds = ['hex', 'text', 'utf-16le', 'integer'] as const
export type SearchKind = (typeof searchKinds)[number]
export const searchKindTitles: Record<SearchKind, string> = {
  hex: 'Bytes',
  text: 'Text',
  'utf-16le': 'Text, UTF-16LE',
  integer: 'Integer'
}

export interface SearchText {
  readonly kind: SearchKind
  readonly text: string
  readonly ignoreCase: boolean
  /** bytes of an integer */
  readonly width: 1 | 2 | 4 | 8
  readonly little: boolean
  /** only at multiples of the width */
  readonly aligned: boolean
}

const wrong = (text: string): Parsed => ({ needle: null, wrong: text })
const found = (bytes: Uint8Array<ArrayBuffer>, more: Partial<Needle> = {}): Parsed =>
  bytes.length > needleMost
    ? wrong(`At most ${needleMost} bytes can be searched for.`)
    : { needle: { bytes, mask: null, ignoreCase: false, align: 1, ...more }, wrong: null }

/** "de ad ?? b?": two digits a byte, ? for a digit that may be any. Spaces, commas and 0x before a byte do not count. */
export function parseHex(text: string): Parsed {
  const digits = text.replace(/0x/gi, '').replace(/[\s,:]+/g, '')
  if (digits === '') return wrong('Write two digits a byte, such as "de ad ?? ef".')
  if (/[^0-9a-f?]/i.test(digits)) return wrong('Only the digits 0 to 9 and a to f, and ? for any digit.')
  if (digits.length % 2 !== 0) return wrong('A digit is missing: each byte has two.')
  const pairs = digits.match(/../g) ?? []
  const bytes = Uint8Array.from(pairs, (pair) => parseInt(pair.replaceAll('?', '0'), 16))
  const mask = Uint8Array.from(pairs, (pair) => (pair[0] === '?' ? 0 : 0xf0) | (pair[1] === '?' ? 0 : 0x0f))
  if (mask.every((byte) => byte === 0)) return wrong('At least one digit has to be given.')
  return found(bytes, mask.every((byte) => byte === 0xff) ? {} : { mask })
}

export function parseSearch({ kind, text, ignoreCase, width, little, aligned }: SearchText): Parsed {
  if (kind === 'hex') return parseHex(text)
  if (kind === 'integer') {
    if (text.trim() === '') return wrong('Write a whole number, decimal or with 0x before it.')
    const bytes = encodeInteger(text, width, little)
    const align = aligned ? width : 1
    return bytes ? found(bytes, { align }) : wrong(`This is no whole number of ${width * 8} bits.`)
  }
  if (text === '') return wrong('Write what to look for.')
  return found(textToBytes(text, kind === 'text' ? 'utf-8' : 'utf-16le'), { ignoreCase })
}
