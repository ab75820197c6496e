// SPDX-License-Identifier: GPL-2.0-or-later

/** The file that the user chooses; null when none. Browsers allow it in answer to a click or a key only. */
export function pickFile(): Promise<File | null> {
  const input = document.createElement('input')
  input.type = 'file'
  return new Promise((settle) => {
    input.addEventListener('change', () => settle(input.files?.[0] ?? null))
    input.addEventListener('cancel', () => settle(null))
    input.click()
  })
}
