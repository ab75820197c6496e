// SPDX-License-Identifier: GPL-2.0-or-later
/** Most bytes of UTF-8 in each text of an allocation's record. */
export const recordBytes = { name: 63, owner: 31, purpose: 63 } as const

const encoder = new TextEncoder()

/** What is wrong with a text's length, as a sentence; empty when it fits. */
export function tooLong(what: string, text: string, most: number): string {
  const bytes = encoder.encode(text).length
  if (bytes <= most) return ''
  const inUtf8 = bytes === text.length ? '' : ' in UTF-8'
  return `${what} has at most ${most} bytes; this one has ${bytes}${inUtf8}.`
}
