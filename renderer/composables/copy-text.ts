// SPDX-License-Identifier: GPL-2.0-or-later
import { useClipboard } from '@vueuse/core'

/** To the clipboard, also where the page has no right to the newer interface; false when neither way works. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    const { copy } = useClipboard({ legacy: true })
    return copy(text).then(
      () => true,
      () => false
    )
  }
}
