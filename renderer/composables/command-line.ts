// SPDX-License-Identifier: GPL-2.0-or-later
/** The pmpool command that does what the page is about to do, to copy into a script. */

/** A word as a POSIX shell reads it back unchanged. */
export function shellWord(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}

export type Option = readonly [name: string, value: string | number | true | undefined | null]

/** `pmpool VERB... ARGUMENT... --option value`; empty options are left out; `simulate` is a simulated host's directory. */
export function commandLine(
  verb: string,
  words: readonly (string | number)[],
  options: readonly Option[] = [],
  simulate?: string
): string {
  const host = simulate === undefined ? [] : ['--simulate', shellWord(simulate)]
  const parts = ['pmpool', ...host, verb, ...words.map((word) => shellWord(String(word)))]
  for (const [name, value] of options) {
    if (value === undefined || value === null || value === '') continue
    parts.push(value === true ? `--${name}` : `--${name} ${shellWord(String(value))}`)
  }
  return parts.join(' ')
}
