// SPDX-License-Identifier: GPL-2.0-or-later

const perLine = 8

const printable = (byte: number): string => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·')

/** Offset, bytes and characters, eight to a line: "0008  68 65 6c 6c 6f 00 00 00  hello···". */
export function hexDump(bytes: Uint8Array): string {
  const lines: string[] = []
  for (let at = 0; at < bytes.length; at += perLine) {
    const part = [...bytes.subarray(at, at + perLine)]
    const hex = part.map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
    lines.push(`${at.toString(16).padStart(4, '0')}  ${hex.padEnd(perLine * 3 - 1)}  ${part.map(printable).join('')}`)
  }
  return lines.join('\n')
}
