// SPDX-License-Identifier: GPL-2.0-or-later
import { useStorage } from '@vueuse/core'
import { defineStore } from 'pinia'
import { shallowRef, watch } from 'vue'
import { Edits } from '../inspector/edits.ts'
import type { Grouping } from '../inspector/layout.ts'
import type { Encoding } from '../inspector/text.ts'
import { useLink } from './link.ts'
import { usePlace } from './place.ts'
import type { PoolKey } from './pool.ts'

/** What live memory is held against, side by side. */
export interface Against {
  readonly kind: 'snapshot' | 'expectation'
  readonly name: string
}

export const addressKinds = ['physical', 'page', 'offset'] as const
export type AddressKind = (typeof addressKinds)[number]

/** How bytes are shown; kept for the next time. */
export interface InspectorOptions {
  bytesPerRow: 8 | 16 | 32 | 'auto'
  grouping: Grouping
  addresses: AddressKind
  encoding: Encoding
  little: boolean
  /** ms between two reads of what is in view, while live */
  interval: number
}
const initial: InspectorOptions = {
  bytesPerRow: 'auto',
  grouping: 1,
  addresses: 'physical',
  encoding: 'ascii',
  little: true,
  interval: 1000
}
const placesKept = 50

/** Where the inspector stands; other views ask it to show bytes by `show`. Offsets are bytes of the pool. */
export const useInspector = defineStore('inspector', () => {
  const place = usePlace()
  const against = shallowRef<Against | null>(null)
  /** the pool that was in view when it was chosen: in another one it means nothing */
  let againstIn = ''
  watch(against, () => (againstIn = `${place.host}/${place.pool}`), { flush: 'sync' })
  /** what to bring into view; `turn` counts up so that the same place can be asked for again */
  const wanted = shallowRef<{ readonly offset: number; readonly length: number; readonly turn: number } | null>(null)
  const options = useStorage<InspectorOptions>('pmpool.inspector', { ...initial }, undefined, { mergeDefaults: true })
  /** offset of the cursor by pool, the last used last */
  const places = useStorage<Record<string, number>>('pmpool.inspector.places', {})
  /** the last notice that a pool was changed; a new object for each */
  const changed = shallowRef<PoolKey | null>(null)
  useLink().on('pool/changed', ({ host, pool }) => (changed.value = { host, pool }))
  const edits = new Map<string, Edits>()
  /** first page of the selected allocation that was gone to last, by pool */
  const followed = new Map<string, number>()

  function show(offset: number, length = 1, beside?: Against | null): void {
    if (beside !== undefined) against.value = beside
    wanted.value = { offset, length, turn: (wanted.value?.turn ?? 0) + 1 }
    place.showTab('inspector')
  }

  const nameOf = ({ host, pool }: PoolKey): string => `${host}/${pool}`
  function keepPlace(of: PoolKey, offset: number): void {
    const rest = Object.entries(places.value).filter(([name]) => name !== nameOf(of))
    places.value = Object.fromEntries([...rest, [nameOf(of), offset]].slice(-placesKept) as [string, number][])
  }
  const placeOf = (of: PoolKey): number | null => places.value[nameOf(of)] ?? null

  /** What was typed and not written yet outlives the tab; the switch to edit does not. */
  function editsOf(of: PoolKey): Edits {
    const kept = edits.get(nameOf(of)) ?? new Edits()
    edits.set(nameOf(of), kept)
    return kept
  }
  /** Nothing is compared with what was chosen for another pool. */
  function enter(of: PoolKey): void {
    if (againstIn !== nameOf(of)) against.value = null
  }
  /** True once for each selection that the inspector is opened with. */
  function follows(of: PoolKey, page: number): boolean {
    const is = followed.get(nameOf(of)) !== page
    followed.set(nameOf(of), page)
    return is
  }

  return { against, wanted, options, changed, show, keepPlace, placeOf, editsOf, enter, follows }
})
