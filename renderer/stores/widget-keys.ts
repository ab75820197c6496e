// SPDX-License-Identifier: GPL-2.0-or-later
import { defineStore } from 'pinia'
import { computed, onScopeDispose, shallowReactive } from 'vue'

/** Keys that a part of the page takes while it has the focus, for the list of shortcuts. */
export interface WidgetKeys {
  /** "On the page map" */
  readonly title: string
  readonly keys: readonly (readonly [keys: string, does: string])[]
}

export const useWidgetKeys = defineStore('widget-keys', () => {
  const shown = shallowReactive(new Set<WidgetKeys>())
  const all = computed(() => [...shown])
  /** For as long as the calling component is there. */
  function offer(keys: WidgetKeys): void {
    shown.add(keys)
    onScopeDispose(() => shown.delete(keys))
  }
  return { all, offer }
})
