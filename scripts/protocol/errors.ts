// SPDX-License-Identifier: GPL-2.0-or-later
/** The X-macro table of native/include/pmpool/error.h. */
export interface ErrorRow {
  readonly code: number
  readonly name: string
  readonly reason: string
  readonly remedy: string
}

const string = '"((?:[^"\\\\]|\\\\.)*)"'
const row = new RegExp(`X\\((\\d+),\\s*[A-Z_]+,\\s*${string},\\s*${string},\\s*${string}\\)`, 'g')
const rowStart = /\bX\(\d+,/g

export function errorRows(header: string): ErrorRow[] {
  const flat = header.replaceAll(/\\\n/g, '\n') // the macro's line ends
  const rows = [...flat.matchAll(row)].map(([, code, name = '', reason = '', remedy = '']) => ({
    code: Number(code),
    name: unescaped(name),
    reason: unescaped(reason),
    remedy: unescaped(remedy)
  }))
  const started = flat.match(rowStart)?.length ?? 0
  if (rows.length === 0 || rows.length !== started) {
    throw new SyntaxError(`error.h: ${started} rows begin, ${rows.length} could be read`)
  }
  return rows
}

const unescaped = (text: string): string => text.replaceAll(/\\(.)/g, '$1')
