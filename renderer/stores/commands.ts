// SPDX-License-Identifier: GPL-2.0-or-later
import { defineStore } from 'pinia'
import { computed, onScopeDispose, shallowReactive, toValue, type MaybeRefOrGetter } from 'vue'

/** Menus of the page, and headings of the palette and of the list of shortcuts, in this order. */
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
  /** as composables/chord.ts writes them: 'a', 'Ctrl+k', 'F2'; several are alternatives */
  readonly keys?: readonly string[]
  /** null: it can be done now; else why not, shown with the disabled item */
  readonly refusal?: () => string | null
  readonly run: () => unknown
  /** the pmpool command line that does the same; null: none does */
  readonly line?: () => string | null
  /** only in the palette: one of many alike, such as a pool to go to */
  readonly paletteOnly?: boolean
}

export const refusalOf = (command: Command): string | null => command.refusal?.() ?? null

/** Every command there is now. Views add theirs by useCommands and take them away when they go. */
export const useCommandList = defineStore('commands', () => {
  const sources = shallowReactive(new Set<() => readonly Command[]>())
  /** by group; of two with one id the one that was added later */
  const all = computed(() => {
    const byId = new Map<string, Command>()
    for (const source of sources) for (const command of source()) byId.set(command.id, command)
    return [...byId.values()].sort((a, b) => commandGroups.indexOf(a.group) - commandGroups.indexOf(b.group))
  })
  const byKey = computed(() => {
    const found = new Map<string, Command>()
    for (const command of all.value) for (const key of command.keys ?? []) found.set(key, command)
    return found
  })

  function add(source: () => readonly Command[]): () => void {
    sources.add(source)
    return () => void sources.delete(source)
  }
  /** False when there is no such command, or it cannot be done now. */
  function run(command: Command | string | undefined): boolean {
    const known = typeof command === 'string' ? all.value.find(({ id }) => id === command) : command
    if (!known || refusalOf(known) !== null) return false
    void known.run()
    return true
  }
  return { all, byKey, add, run }
})

/** Offer commands for as long as the calling component, or scope, is there. */
export function useCommands(commands: MaybeRefOrGetter<readonly Command[]>): void {
  onScopeDispose(useCommandList().add(() => toValue(commands)))
}
