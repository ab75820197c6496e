// SPDX-License-Identifier: GPL-2.0-or-later
import { defineStore } from 'pinia'
import { computed, ref, shallowRef, watch } from 'vue'
import type { LogEntry } from '@api'
import { usePlace } from './place.ts'
import { usePool } from './pool.ts'

/** What the colours of the page map mean. */
export const mapColours = ['state', 'owner', 'order', 'age', 'boot', 'change', 'diagnosis'] as const
export type MapColour = (typeof mapColours)[number]

/**
 * Keys of the legend's categories, as `only` and the audit name them: state: a page kind; owner: the owner, '' where a
 * record names none, unnamedOwner without a record; order: the order as text; age: an AgeClass; boot: the boot id, or
 * unknownBoot; change and diagnosis: the kind of the run.
 */
export const unnamedOwner = '~unnamed'
export const unknownBoot = 'unknown'

/** Pages of the pool, `to` is one past the last. */
export interface PageRange {
  readonly from: number
  readonly to: number
}

/** Runs of pages to be shown over the states: a comparison's or a verdict's. */
export interface MapOverlay {
  /** what it is, to show: "snapshot before-kexec against now" */
  readonly title: string
  readonly colour: 'change' | 'diagnosis'
  /** by page; `kind` is a category of the legend */
  readonly runs: readonly { readonly page: number; readonly pages: number; readonly kind: string }[]
  /** there are more runs than these */
  readonly cut: boolean
}

/** What can be gone to one after the other. */
export type MapFind = 'allocation' | 'free' | 'bad' | 'change' | 'bookmark'

/** How the page map is looked at; other views ask it to show something by `show`. */
export const useMapView = defineStore('map-view', () => {
  const place = usePlace()
  const pool = usePool()
  const colour = ref<MapColour>('state')
  /** categories of the legend that are shown, the others are dimmed; null: all */
  const only = shallowRef<ReadonlySet<string> | null>(null)
  const range = shallowRef<PageRange | null>(null)
  const overlay = shallowRef<MapOverlay | null>(null)
  /** what the head's arrows look for, and how long a free run has to be */
  const find = ref<MapFind>('allocation')
  const freePages = ref(1)
  /** newest first, as far as ages and boots need it */
  const log = shallowRef<readonly LogEntry[]>([])
  /** counts up whenever the map has to bring something into view; `page` is what */
  const reveal = shallowRef<{ readonly page: number; readonly pages: number; readonly turn: number } | null>(null)

  /** the last turn that the map has followed */
  const revealed = ref(0)

  function setColour(to: MapColour, categories: ReadonlySet<string> | null = null): void {
    colour.value = to
    only.value = categories
  }
  /** A category in or out of the filter; out of an empty filter come all. */
  function toggle(key: string): void {
    const now = new Set(only.value)
    if (!now.delete(key)) now.add(key)
    only.value = now.size > 0 ? now : null
  }
  function setOverlay(to: MapOverlay | null): void {
    overlay.value = to
    if (to) setColour(to.colour)
    else if (colour.value === 'change' || colour.value === 'diagnosis') setColour('state')
  }

  /** Go to the map, with these pages in view and, when they are an allocation, selected. */
  function show(what: {
    page?: number
    pages?: number
    colour?: MapColour
    only?: ReadonlySet<string>
    overlay?: MapOverlay
  }): void {
    if (what.overlay) setOverlay(what.overlay)
    if (what.colour) setColour(what.colour, what.only ?? null)
    if (what.page !== undefined) {
      pool.selectedPage = what.page
      const pages = what.pages ?? 1
      const isAllocation = pool.selected?.page === what.page && pool.selected.pages === pages
      range.value = pages > 1 && !isAllocation ? { from: what.page, to: what.page + pages } : null
      reveal.value = { page: what.page, pages, turn: (reveal.value?.turn ?? 0) + 1 }
    }
    place.showTab('map')
  }

  watch(
    () => pool.key,
    () => {
      range.value = null
      log.value = []
      setOverlay(null)
      only.value = null
    },
    { flush: 'sync' }
  )

  return {
    colour,
    only,
    range,
    overlay: computed(() => overlay.value),
    find,
    freePages,
    log,
    reveal,
    revealed,
    setColour,
    toggle,
    setOverlay,
    show
  }
})
