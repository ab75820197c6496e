// SPDX-License-Identifier: GPL-2.0-or-later
import { usePreferredDark, useStorage } from '@vueuse/core'
import { defineStore } from 'pinia'
import { computed, watch } from 'vue'

export const themeChoices = ['system', 'light', 'dark'] as const
export type ThemeChoice = (typeof themeChoices)[number]

/** What the user set once and wants again the next time. */
export const usePreferences = defineStore('preferences', () => {
  const choice = useStorage<ThemeChoice>('pmpool.theme', 'system')
  const prefersDark = usePreferredDark()
  const theme = computed(() => (choice.value === 'system' ? (prefersDark.value ? 'dark' : 'light') : choice.value))
  watch(theme, (now) => (document.documentElement.dataset.theme = now), { immediate: true, flush: 'sync' })

  function nextTheme(): void {
    choice.value = themeChoices[(themeChoices.indexOf(choice.value) + 1) % themeChoices.length] ?? 'system'
  }
  return { choice, theme, nextTheme }
})
