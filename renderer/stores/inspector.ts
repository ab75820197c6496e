// SPDX-License-Identifier: GPL-2.0-or-later
import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import { usePlace } from './place.ts'

/** What live memory is held against, side by side. */
export interface Against {
  readonly kind: 'snapshot' | 'expectation'
  readonly name: string
}

/** Where the inspector stands; other views ask it to show bytes by `show`. Offsets are bytes of the pool. */
export const useInspector = defineStore('inspector', () => {
  const place = usePlace()
  const against = shallowRef<Against | null>(null)
  /** what to bring into view; `turn` counts up so that the same place can be asked for again */
  const wanted = shallowRef<{ readonly offset: number; readonly length: number; readonly turn: number } | null>(null)

  function show(offset: number, length = 1, beside?: Against | null): void {
    if (beside !== undefined) against.value = beside
    wanted.value = { offset, length, turn: (wanted.value?.turn ?? 0) + 1 }
    place.showTab('inspector')
  }
  return { against, wanted, show }
})
