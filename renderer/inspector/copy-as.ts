// SPDX-License-Identifier: GPL-2.0-or-later
/** Bytes in the forms that people paste elsewhere. */
import { bytesToBase64 } from '../composables/base64.ts'
import { bytesToText, type Encoding } from './text.ts'

export const copyForms = ['hex', 'spaced', 'c', 'typescript', 'base64', 'text', 'hexdump', 'gdb', 'command'] as const
export type CopyForm = (typeof copyForms)[number]
export const copyFormTitles: Record<CopyForm, string> = {
  hex: 'Hex',
  spaced: 'Hex with spaces',
  c: 'C array',
  typescript: 'TypeScript Uint8Array',
  base64: 'Base64',
  text: 'Text',
  hexdump: 'hexdump -C',
  gdb: 'GDB command',
  command: 'pmpool command'
}
/** these tell where the bytes are and need none of them */
export const placeForms: readonly CopyForm[] = ['gdb', 'command']

export interface CopyOf {
  readonly bytes: Uint8Array
  /** physical, of the first byte; null: none */
  readonly address: number | null
  readonly offset: number
  readonly length: number
  readonly encoding: Encoding
  readonly command: string
}

const hex = (byte: number): string => byte.toString(16).padStart(2, '0')

function lines(bytes: Uint8Array, perLine: number, line: (part: number[], at: number) => string): string {
  const all: string[] = []
  for (let at = 0; at < bytes.length; at += perLine) all.push(line([...bytes.subarray(at, at + perLine)], at))
  return all.join('\n')
}

const listed = (bytes: Uint8Array): string =>
  lines(bytes, 12, (part) => `  ${part.map((byte) => `0x${hex(byte)}`).join(', ')},`).replace(/,$/, '')

/** As `hexdump -C` prints it, with the physical address in front. */
export function hexdump(bytes: Uint8Array, from: number): string {
  const width = Math.max(8, (from + bytes.length).toString(16).length)
  const row = (part: number[], at: number): string => {
    const halves = [part.slice(0, 8), part.slice(8)].map((some) => some.map(hex).join(' ').padEnd(23))
    const text = part.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('')
    return `${(from + at).toString(16).padStart(width, '0')}  ${halves.join('  ')}  |${text}|`
  }
  return `${lines(bytes, 16, row)}\n${(from + bytes.length).toString(16).padStart(width, '0')}`
}

export function copyAs(form: CopyForm, { bytes, address, offset, length, encoding, command }: CopyOf): string {
  switch (form) {
    case 'hex':
      return [...bytes].map(hex).join('')
    case 'spaced':
      return [...bytes].map(hex).join(' ')
    case 'c':
      return `const unsigned char bytes[${bytes.length}] = {\n${listed(bytes)}\n};`
    case 'typescript':
      return `const bytes = Uint8Array.of(\n${listed(bytes)}\n)`
    case 'base64':
      return bytesToBase64(bytes)
    case 'text':
      return bytesToText(bytes, encoding)
    case 'hexdump':
      return hexdump(bytes, address ?? offset)
    case 'gdb':
      return `x/${length}xb 0x${(address ?? offset).toString(16)}`
    case 'command':
      return command
  }
}
