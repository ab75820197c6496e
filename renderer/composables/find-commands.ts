// SPDX-License-Identifier: GPL-2.0-or-later
import type { Command } from '../stores/commands.ts'

/** How well the title answers the words: 0 best, null when a word is missing. */
function rank({ title, group }: Command, words: readonly string[]): number | null {
  const text = title.toLowerCase()
  const all = `${group.toLowerCase()} ${text}`
  if (!words.every((word) => all.includes(word))) return null
  const first = words[0] ?? ''
  if (text.startsWith(first)) return 0
  return text.includes(` ${first}`) ? 1 : 2
}

/** Commands with every word in their title or group; those that begin with the first word come first. */
export function findCommands(commands: readonly Command[], wanted: string): readonly Command[] {
  const words = wanted.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return commands
  return commands
    .flatMap((command) => {
      const value = rank(command, words)
      return value === null ? [] : [{ command, value }]
    })
    .sort((a, b) => a.value - b.value)
    .map(({ command }) => command)
}
