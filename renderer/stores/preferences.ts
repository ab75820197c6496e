// SPDX-License-Identifier: GPL-2.0-or-later
import { usePreferredContrast, usePreferredDark, useStorage } from '@vueuse/core'
import { defineStore } from 'pinia'
import { computed, watch } from 'vue'

export const themeChoices = ['system', 'light', 'dark'] as const
export type ThemeChoice = (typeof themeChoices)[number]
export const contrastChoices = ['system', 'normal', 'more'] as const
export type ContrastChoice = (typeof contrastChoices)[number]

/** What the user set once and wants again the next time. */
export const usePreferences = defineStore('preferences', () => {
  const choice = useStorage<ThemeChoice>('pmpool.theme', 'system')
  const prefersDark = usePreferredDark()
  const theme = computed(() => (choice.value === 'system' ? (prefersDark.value ? 'dark' : 'light') : choice.value))
  watch(theme, (now) => (document.documentElement.dataset.theme = now), { immediate: true, flush: 'sync' })

  const contrastChoice = useStorage<ContrastChoice>('pmpool.contrast', 'system')
  const prefersContrast = usePreferredContrast()
  const contrast = computed(() =>
    contrastChoice.value === 'system' ? (prefersContrast.value === 'more' ? 'more' : 'normal') : contrastChoice.value
  )
  watch(contrast, (now) => (document.documentElement.dataset.contrast = now), { immediate: true, flush: 'sync' })
  /** changes whenever colours do: what is painted on a canvas has to be painted again */
  const colours = computed(() => `${theme.value} ${contrast.value}`)

  function nextTheme(): void {
    choice.value = themeChoices[(themeChoices.indexOf(choice.value) + 1) % themeChoices.length] ?? 'system'
  }
  return { choice, theme, contrastChoice, contrast, colours, nextTheme }
})
