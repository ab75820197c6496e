// SPDX-License-Identifier: GPL-2.0-or-later
import { defineStore } from 'pinia'
import { ref } from 'vue'

export type DialogName =
  | 'add-host'
  | 'create-pool'
  | 'rename-pool'
  | 'extend-pool'
  | 'delete-pool'
  | 'allocate'
  | 'label'
  | 'resize'
  | 'fill'
  | 'snapshot'
  | 'free'
  | 'palette'
  | 'shortcuts'
  | 'about'
  | 'tasks'

/** Which dialog is open, so that a button, a key and the menu of the shell open the same one. */
export const useDialogs = defineStore('dialogs', () => {
  const shown = ref<DialogName | null>(null)
  /** region that the dialog for a new pool starts with */
  const region = ref<string | null>(null)

  /** pages that the dialog to allocate starts with, inside the range that is chosen on the map; null: anywhere */
  const inRange = ref<number | null>(null)

  function open(name: DialogName): void {
    inRange.value = null
    shown.value = name
  }
  function allocateInRange(pages: number): void {
    inRange.value = pages
    shown.value = 'allocate'
  }
  function createPool(inRegion: string | null = null): void {
    region.value = inRegion
    shown.value = 'create-pool'
  }
  const close = (): void => {
    shown.value = null
  }
  return { shown, region, inRange, open, createPool, allocateInRange, close }
})
