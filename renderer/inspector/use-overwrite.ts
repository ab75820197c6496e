// SPDX-License-Identifier: GPL-2.0-or-later
/** Typing many bytes at once over live memory: pasted ones, or the selection filled. Nothing is written by it. */
import { formatBytes } from '../composables/format.ts'
import { writeMost } from './limits.ts'
import { textToBytes, type Encoding } from './text.ts'
import type { useEditing } from './use-editing.ts'
import type { HexView } from './use-hex-view.ts'

interface Wanted {
  readonly view: HexView
  readonly editing: Pick<ReturnType<typeof useEditing>, 'put' | 'refused'>
  readonly encoding: () => Encoding
}

/** Bytes out of "de ad be ef", "0xde, 0xad" or "deadbeef"; null when it is no hexadecimal. */
export function hexBytes(text: string): Uint8Array<ArrayBuffer> | null {
  const digits = text.replace(/0x|\\x/gi, '').replace(/[\s,:;]+/g, '')
  if (digits === '' || digits.length % 2 !== 0 || /[^0-9a-f]/i.test(digits)) return null
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => parseInt(pair, 16))
}

export function useOverwrite({ view, editing, encoding }: Wanted) {
  function refuse(why: string): false {
    editing.refused.value = why
    return false
  }

  /** From the start of the selection on: digits in the hex column, text in the other. */
  function paste(text: string): boolean {
    const bytes = view.column.value === 'hex' ? hexBytes(text) : textToBytes(text, encoding())
    if (!bytes) return refuse('That is no hexadecimal. In the text column it is pasted as text.')
    if (bytes.length === 0) return refuse('There is nothing to paste.')
    if (bytes.length > writeMost) return refuse(`At most ${formatBytes(writeMost)} are pasted at once.`)
    const { from } = view.selection.value
    if (!editing.put(from, bytes)) return false
    view.moveTo(from + bytes.length)
    return true
  }

  /** The selection, or the byte at the cursor, over and over with the same bytes. */
  function fill(text: string): boolean {
    const pattern = hexBytes(text)
    if (!pattern) return refuse('Fill with hexadecimal bytes, such as "00" or "de ad".')
    const { from, to } = view.selection.value
    if (to - from > writeMost)
      return refuse(`At most ${formatBytes(writeMost)} are filled here; Fill with a pattern does a whole allocation.`)
    return editing.put(
      from,
      Uint8Array.from({ length: to - from }, (_, i) => pattern[i % pattern.length]!)
    )
  }
  return { paste, fill }
}
