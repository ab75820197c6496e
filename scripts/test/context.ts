// SPDX-License-Identifier: GPL-2.0-or-later

/** What a step has to work with. */
export interface Context {
  /** runs a command in the project, its output goes to the step's log; settles with the exit code */
  readonly run: (argv: readonly string[], env?: Readonly<Record<string, string>>) => Promise<number>
  readonly log: (text: string) => void
}
