// SPDX-License-Identifier: GPL-2.0-or-later
import { useEventListener } from '@vueuse/core'
import { refusalOf, useCommandList } from '../stores/commands.ts'
import { useNotices } from '../stores/notices.ts'
import { chordOf, isOfFields } from './chord.ts'

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))

/** Any, also those that views open by themselves: it has the keys then, Escape first of all. */
const isOpen = (): boolean => document.querySelector('[role="dialog"], [role="alertdialog"], [role="menu"]') !== null

/** Keys of the whole page, and the commands of the shell's menu. What has the focus may take a key first. */
export function usePageKeys(): void {
  const commands = useCommandList()
  const notices = useNotices()
  useEventListener(window, 'keydown', (event: KeyboardEvent) => {
    if (event.defaultPrevented || isOpen()) return
    const chord = chordOf(event)
    if (isTyping(event.target) && isOfFields(chord)) return
    const command = commands.byKey.get(chord)
    if (!command) return
    event.preventDefault()
    const refusal = refusalOf(command)
    if (refusal === null) commands.run(command)
    else if (!event.repeat) notices.say(refusal)
  })
  window.pmpool?.onMenu((id) => commands.run(id))
}
