// SPDX-License-Identifier: GPL-2.0-or-later
import { onScopeDispose, watch, type Ref } from 'vue'

/** Can take the focus still: it is there, and it is no button that was disabled meanwhile. */
const isUsable = (element: Element | null): element is HTMLElement =>
  element instanceof HTMLElement && element !== document.body && element.isConnected && !element.matches(':disabled')

/** Where keys are useful when what had the focus is gone. */
const home = (): Element | null => document.querySelector('[data-focus-home]') ?? document.querySelector('main')

/** After a dialog the focus is where it was before, and never nowhere. */
export function useReturnFocus(open: Ref<boolean>): void {
  let before: Element | null = null
  const giveBack = (): void => {
    // the dialog's own trap lets go in a timer of its own, which was set before this one
    setTimeout(() => {
      if (isUsable(document.activeElement)) return
      const target = isUsable(before) ? before : home()
      if (isUsable(target)) target.focus({ preventScroll: true })
    })
  }
  watch(
    open,
    (isOpen, wasOpen) => {
      if (isOpen) before = document.activeElement
      else if (wasOpen) giveBack()
    },
    { immediate: true, flush: 'sync' }
  )
  onScopeDispose(() => {
    if (open.value) giveBack() // one that is there only while open
  })
}
