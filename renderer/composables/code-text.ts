// SPDX-License-Identifier: GPL-2.0-or-later
/** Sentences of the helper, in which what stands in backticks is code. */
export interface TextPart {
  readonly text: string
  readonly code: boolean
}

export const partsOf = (text: string): TextPart[] =>
  text
    .split('`')
    .map((part, index) => ({ text: part, code: index % 2 === 1 }))
    .filter((part) => part.text !== '')
