// SPDX-License-Identifier: GPL-2.0-or-later

export interface MarkedOption {
  readonly text: string
  readonly mark: 'kept' | 'added' | 'removed'
}

/** Options of a command line; quotes keep their spaces. */
export const splitOptions = (cmdline: string): string[] => cmdline.match(/(?:[^\s"]|"[^"]*"?)+/g) ?? []

/** The next command line in its order with what is new marked, then what the running one had and it has not. */
export function markOptions(cmdline: string, added: readonly string[], removed: readonly string[]): MarkedOption[] {
  const left = [...added]
  const next = splitOptions(cmdline).map((text): MarkedOption => {
    const index = left.indexOf(text)
    if (index >= 0) left.splice(index, 1)
    return { text, mark: index >= 0 ? 'added' : 'kept' }
  })
  return [...next, ...removed.map((text): MarkedOption => ({ text, mark: 'removed' }))]
}
