// SPDX-License-Identifier: GPL-2.0-or-later
/** Bytes as they were expected and as they are, beside each other. */

export interface SampleByte {
  readonly text: string
  readonly differs: boolean
}

const bytesOf = (hex: string): string[] => hex.match(/../g) ?? []

/** The bytes of `hex`, each marked where `other` has another one there; nothing is marked where that is not known. */
export function markBytes(hex: string, other: string | null): SampleByte[] {
  const against = other === null ? null : bytesOf(other)
  return bytesOf(hex).map((text, index) => ({ text, differs: against !== null && against[index] !== text }))
}
