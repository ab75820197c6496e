// SPDX-License-Identifier: GPL-2.0-or-later
// The command line inside a guest: several commands in one ssh session, which under emulation costs a second each.
import type { z } from 'zod'
import { helperMethods, type HelperMethod, type HelperResult } from '../../main/api/index.ts'
import { baseCommandLine, guestInitrd, guestKernel, shellQuote, type LabVm } from './driver.ts'

/** A shell command that prints one JSON document, and how it is read. */
export interface Question<T> {
  readonly command: string
  readonly read: (text: string) => T
}

type Answers<Q extends readonly Question<unknown>[]> = {
  -readonly [I in keyof Q]: Q[I] extends Question<infer T> ? T : never
}

/** `pmpool --json …`, whose answer is checked against the contract. Exit code 3 (not intact) is an answer too. */
export function pmpool<M extends HelperMethod>(
  method: M,
  ...words: readonly (string | number)[]
): Question<HelperResult<M>> {
  const quoted = words.map((word) => shellQuote(String(word))).join(' ')
  const result: z.ZodType = helperMethods[method].result
  return {
    command: `{ pmpool --json ${quoted} || [ $? = 3 ]; }`,
    read: (text) => result.parse(JSON.parse(text)) as HelperResult<M>
  }
}

/** A command for its effect, or for its output as it is. */
export const shell = (command: string): Question<string> => ({ command: `{ ${command}\n}`, read: (text) => text })

const separator = '\u001e'

/** Asks one after the other in one session; the first that fails ends it. */
export async function ask<Q extends readonly Question<unknown>[]>(vm: LabVm, ...questions: Q): Promise<Answers<Q>> {
  const command = questions.map(({ command }) => command).join(` && printf '\\036' && `)
  const texts = (await vm.ssh(command)).stdout.split(separator)
  return questions.map(({ read }, i) => read(texts[i] ?? '')) as Answers<Q>
}

/** A kexec by hand into the guest's own kernel, without the helper. */
export async function kexecByHand(vm: LabVm, options: readonly string[]): Promise<string> {
  const before = await vm.bootId()
  const commandLine = shellQuote(baseCommandLine(options))
  await vm.ssh(
    `kexec -s -l ${guestKernel} --initrd=${guestInitrd} --command-line=${commandLine} && systemctl kexec --no-block`
  )
  return vm.waitReady({ notBootId: before })
}
