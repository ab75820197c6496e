// SPDX-License-Identifier: GPL-2.0-or-later
/** Keys as commands name them: modifiers in the order Ctrl+ Alt+ Shift+, then KeyboardEvent.key. */

type Keys = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>

/** Shift is told of named keys, and of letters beside another modifier; of `?` the character itself tells. */
export function chordOf({ key, ctrlKey, metaKey, altKey, shiftKey }: Keys): string {
  const plain = key.length === 1
  const modified = ctrlKey || metaKey || altKey
  const shift = shiftKey && (!plain || modified)
  const name = plain && modified ? key.toLowerCase() : key === ' ' ? 'Space' : key
  return `${ctrlKey || metaKey ? 'Ctrl+' : ''}${altKey ? 'Alt+' : ''}${shift ? 'Shift+' : ''}${name}`
}

const editing = /^([acvxyz]|Arrow.*|Home|End|Backspace|Delete)$/

/** A field being typed in keeps these for itself. */
export function isOfFields(chord: string): boolean {
  const key = chord.replace(/^(?:Ctrl\+|Alt\+|Shift\+)+/, '')
  if (/^F\d+$/.test(key)) return false
  return !/^(Ctrl|Alt)\+/.test(chord) || editing.test(key)
}

const signs: Record<string, string> = {
  ArrowLeft: '←',
  ArrowRight: '→',
  ArrowUp: '↑',
  ArrowDown: '↓'
}

/** As it is shown: "Ctrl+K", "Alt+←", "n", "Shift+N". */
export function chordText(chord: string): string {
  if (/^\p{Lu}$/u.test(chord)) return `Shift+${chord}`
  const parts = chord.split(/\+(?=.)/)
  const key = parts.pop() ?? ''
  return [...parts, signs[key] ?? (parts.length > 0 && key.length === 1 ? key.toUpperCase() : key)].join('+')
}
