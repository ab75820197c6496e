// SPDX-License-Identifier: GPL-2.0-or-later
/** What becomes of an option on its way from a boot loader's file to the kernel: each reader takes its backslashes. */
import type { ReservationPlan } from '@api'

export type Loader = ReservationPlan['loaders'][number]

export interface Step {
  readonly where: string
  /** the option as it stands there */
  readonly text: string
  /** who reads it there, and what that takes away */
  readonly reader: string
}

/** A backslash protects the character after it when that is special; a bare $ and a digit or a name is a variable, empty. */
const read = (text: string, special: string): string =>
  text.replace(/\\(.)|\$(?:\d|[A-Za-z_]\w*)/g, (found, escaped?: string) =>
    escaped === undefined ? '' : special.includes(escaped) ? escaped : found
  )
const readByShell = (text: string): string => read(text, '$`"\\')
const readByGrub = (text: string): string => read(text, '$"\\ ;<>|&')

/** The word of the line that holds the option. */
const wordOf = (line: string): string => /memmap=[^\s"']+/.exec(line)?.[0] ?? ''

/** From the file to /proc/cmdline; empty when the line holds no memmap=. */
export function escapingSteps({ id, file, line }: Pick<Loader, 'id' | 'file' | 'line'>): Step[] {
  const written = wordOf(line)
  if (!written) return []
  const arrives = (text: string): Step => ({ where: '/proc/cmdline', text, reader: '' })
  if (id !== 'grub') {
    const reader = id === 'plain' ? 'passed on as it stands' : 'the loader passes it on as it stands'
    return [{ where: file || 'the command line', text: written, reader }, arrives(written)]
  }
  if (!/^\/etc\/default\//.test(file)) {
    return [
      { where: file || 'grub.cfg', text: written, reader: 'GRUB takes one backslash' },
      arrives(readByGrub(written))
    ]
  }
  const configured = readByShell(written)
  return [
    {
      where: file,
      text: written,
      reader: 'the shell of grub-mkconfig takes one of two backslashes, and the one before $'
    },
    { where: 'grub.cfg', text: configured, reader: 'GRUB takes the last backslash' },
    arrives(readByGrub(configured))
  ]
}

/** Whether what leaves the file is what has to arrive. */
export const arrivesAs = (loader: Pick<Loader, 'id' | 'file' | 'line'>, option: string): boolean =>
  escapingSteps(loader).at(-1)?.text === option

/** What would arrive without the backslashes: GRUB reads $4 as a variable that is empty. */
export const eaten = (option: string): string => readByGrub(option)
