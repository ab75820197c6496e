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

type Line = Pick<Loader, 'id' | 'file' | 'line'> & Partial<Pick<Loader, 'commands'>>

interface Written {
  readonly word: string
  /** in which the line has it; empty: none */
  readonly quote: string
}

const wordsOf = (line: string): Written[] => {
  const quote = /=(["'])/.exec(line)?.[1] ?? ''
  return [...line.matchAll(/memmap=[^\s"']+/g)].map(([word]) => ({ word, quote }))
}

/** The variable of GRUB that an entry of Fedora's names, out of the command that sets it. */
function variableOf({ line, commands = [] }: Line): { name: string; value: string } | null {
  const [, name = '', value = ''] = /'(\w+)=(.*)'$/.exec(commands[0] ?? '') ?? []
  return name && line.includes(`$${name}`) ? { name, value } : null
}

/** Through an entry: of the variable's words each one. */
const stepsOfEntry = (file: string, { name, value }: { name: string; value: string }): Step[][] =>
  wordsOf(value).map(({ word }) => [
    { where: file, text: `$${name}`, reader: 'GRUB puts the variable in; nothing would protect another $' },
    { where: `${name} in grubenv`, text: word, reader: 'GRUB takes the backslash' },
    { where: '/proc/cmdline', text: readByGrub(word), reader: '' }
  ])

function stepsOf({ id, file }: Pick<Loader, 'id' | 'file'>, { word, quote }: Written): Step[] {
  const arrives = (text: string): Step => ({ where: '/proc/cmdline', text, reader: '' })
  if (id !== 'grub') {
    return [{ where: file || 'the command line', text: word, reader: 'passed on as it stands' }, arrives(word)]
  }
  const literal = quote === "'"
  const configured = literal ? word : readByShell(word)
  const shell = literal
    ? 'between single quotes the shell of grub-mkconfig takes nothing'
    : 'the shell of grub-mkconfig takes one of two backslashes, and the one before $'
  return [
    { where: file, text: word, reader: shell },
    { where: 'grub.cfg', text: configured, reader: 'GRUB takes the last backslash' },
    arrives(readByGrub(configured))
  ]
}

/** From the file to /proc/cmdline, of the memmap= that arrives as `option`, else of the last one of the line. */
export function escapingSteps(loader: Line, option: string): Step[] {
  const variable = loader.id === 'bls' ? variableOf(loader) : null
  const ways = variable
    ? stepsOfEntry(loader.file, variable)
    : wordsOf(loader.line).map((written) => stepsOf(loader, written))
  return ways.find((steps) => steps.at(-1)?.text === option) ?? ways.at(-1) ?? []
}

/** Whether what leaves the file is what has to arrive. */
export const arrivesAs = (loader: Line, option: string): boolean =>
  escapingSteps(loader, option).at(-1)?.text === option

/** What would arrive out of an entry of GRUB's, backslash or not: the whole word is a variable there. */
export const eatenInEntry = (option: string): string => option.replace(/\$\w*/g, '')

/** What would arrive without the backslashes: GRUB reads $4 as a variable that is empty. */
export const eaten = (option: string): string => readByGrub(option)
