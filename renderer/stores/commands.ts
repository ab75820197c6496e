// SPDX-License-Identifier: GPL-2.0-or-later
import { defineStore } from 'pinia'
import { computed, onScopeDispose, shallowReactive } from 'vue'

/** Menus of the page and of the shell, and headings of the palette and of the list of shortcuts, in this order. */
export const commandGroups = [
  'Pool',
  'Allocation',
  'Map',
  'Inspector',
  'Snapshot',
  'Kexec',
  'Host',
  'View',
  'Help'
] as const
export type CommandGroup = (typeof commandGroups)[number]

/** Something the user can do: in the menu, in the palette, by a key, as a command line. */
export interface Command {
  /** stable, kebab-case */
  readonly id: string
  /** an imperative, as menus write it; ends with " …" when it opens a dialog */
  readonly title: string
  readonly group: CommandGroup
  /** as KeyboardEvent.key with Ctrl+, Alt+, Shift+ before it: 'a', 'Ctrl+k', 'F2'; several are alternatives */
  readonly keys?: readonly string[]
  /** null: it can be done now; else why not, shown with the disabled item */
  readonly refusal?: () => string | null
  readonly run: () => unknown
  /** the pmpool command line that does the same; null: none does */
  readonly line?: () => string | null
}

/** Every command there is now. Views add theirs by useCommands and take them away when they go. */
export const useCommandList = defineStore('commands', () => {
  const known = shallowReactive(new Map<string, Command>())
  const all = computed(() =>
    [...known.values()].sort((a, b) => commandGroups.indexOf(a.group) - commandGroups.indexOf(b.group))
  )
  const refusalOf = (command: Command): string | null => command.refusal?.() ?? null

  function add(commands: readonly Command[]): () => void {
    for (const command of commands) known.set(command.id, command)
    return () => {
      for (const command of commands) if (known.get(command.id) === command) known.delete(command.id)
    }
  }
  /** True when there is such a command and it could be done. */
  function run(id: string): boolean {
    const command = known.get(id)
    if (!command || refusalOf(command) !== null) return false
    void command.run()
    return true
  }
  return { all, add, run, refusalOf }
})

/** Offer commands for as long as the calling component, or scope, is there. */
export function useCommands(commands: readonly Command[]): void {
  onScopeDispose(useCommandList().add(commands))
}
