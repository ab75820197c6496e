// SPDX-License-Identifier: GPL-2.0-or-later
import { useStorage } from '@vueuse/core'
import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'
import type { ReservationKind } from '@api'
import type { AxisMode } from './axis.ts'
import type { Kind } from './kinds.ts'
import type { AddressRange } from './snap.ts'

export const panes = ['ranges', 'plan', 'kept'] as const
export type Pane = (typeof panes)[number]

/** How the physical memory of the host in view is looked at, and what is planned on it. */
export const usePhysical = defineStore('physical', () => {
  const host = ref<string | null>(null)
  const axis = useStorage<AxisMode>('pmpool.physical.axis', 'folded')
  /** kinds that the legend takes out of the picture and the table */
  const hidden = shallowRef<ReadonlySet<Kind>>(new Set())
  /** id of an item */
  const selected = ref<string | null>(null)
  /** what the planner plans; null: nothing yet */
  const chosen = shallowRef<AddressRange | null>(null)
  const kind = ref<ReservationKind>('reserved')
  const pane = ref<Pane>('ranges')
  /** what the map has to bring into view; `turn` counts up so that the same can be asked for again */
  const wanted = shallowRef<(AddressRange & { readonly fit: boolean; readonly turn: number }) | null>(null)

  function toggle(of: Kind): void {
    const next = new Set(hidden.value)
    if (!next.delete(of)) next.add(of)
    hidden.value = next
  }
  const showAll = (): void => void (hidden.value = new Set())

  /** `fit`: as large as it goes, else only moved to. */
  function reveal({ base, size }: AddressRange, fit = false): void {
    wanted.value = { base, size, fit, turn: (wanted.value?.turn ?? 0) + 1 }
  }
  function choose(range: AddressRange | null): void {
    chosen.value = range
    if (range) pane.value = 'plan'
  }
  /** Nothing of one host means anything on another one. */
  function ofHost(id: string): void {
    if (host.value === id) return
    host.value = id
    selected.value = null
    chosen.value = null
    wanted.value = null
    pane.value = 'ranges'
    showAll()
  }
  return { axis, hidden, selected, chosen, kind, pane, wanted, toggle, showAll, reveal, choose, ofHost }
})
