// SPDX-License-Identifier: GPL-2.0-or-later
import { useStorage } from '@vueuse/core'
import { defineStore } from 'pinia'
import { computed, ref, shallowRef, watch } from 'vue'
import { useHosts } from '../stores/hosts.ts'
import { useMapView } from '../stores/map-view.ts'
import { usePool } from '../stores/pool.ts'
import { columns, type ColumnId } from './columns.ts'
import { parseFilter, type Filter } from './filter.ts'
import { emptyListing, Lister, type Listing } from './listing.ts'

// up to here a list is made anew within a frame, above it what comes quickly one after the other is waited for
const atOnce = 10_000
const patience = 150 // ms

/** How the table of allocations is looked at, and the rows that this leaves. */
export const useAllocationList = defineStore('allocation-list', () => {
  const pool = usePool()
  const hosts = useHosts()
  const map = useMapView()
  const text = ref('')
  const order = useStorage<{ column: ColumnId; descending: boolean }>('pmpool.allocations.order', {
    column: 'page',
    descending: false
  })
  if (!columns.some(({ id }) => id === order.value.column)) order.value = { column: 'page', descending: false }
  const grouped = useStorage('pmpool.allocations.grouped', false)
  const collapsed = shallowRef<ReadonlySet<string>>(new Set())
  const onlyInRange = ref(false)
  const range = computed(() => (onlyInRange.value ? map.range : null))
  const bootId = computed(() => hosts.byId(pool.key?.host ?? null)?.info?.bootId ?? '')
  const read = (): Filter => parseFilter(text.value, { now: Date.now(), bootId: bootId.value })
  const filter = computed(read)
  const filtered = computed(() => filter.value.tests.length > 0 || range.value !== null)

  const lister = new Lister()
  const listing = shallowRef<Listing>(emptyListing)
  let timer: ReturnType<typeof setTimeout> | undefined

  function make(): void {
    clearTimeout(timer)
    timer = undefined
    const { column, descending } = order.value
    listing.value = lister.make(pool.allocations, {
      tests: read().tests, // ages are by the time it is now
      range: range.value,
      column,
      descending,
      grouped: grouped.value,
      collapsed: collapsed.value
    })
  }
  /** The first of several changes waits a while, the others with it. */
  function makeSoon(): void {
    if (pool.allocations.length <= atOnce || listing.value.list.length === 0) make()
    else timer ??= setTimeout(make, patience)
  }
  watch([order, grouped, collapsed, range], make, { flush: 'sync', deep: true })
  watch([() => pool.allocations, filter], makeSoon, { flush: 'sync', immediate: true })
  watch(
    () => pool.key,
    () => {
      text.value = ''
      onlyInRange.value = false
      make()
    }
  )
  watch(
    () => map.range === null,
    (none) => {
      if (none) onlyInRange.value = false
    }
  )

  /** The same column again turns its order round. */
  function sortBy(column: ColumnId): void {
    order.value = { column, descending: order.value.column === column && !order.value.descending }
  }
  function setCollapsed(key: string, to: boolean): void {
    const now = new Set(collapsed.value)
    if (to) now.add(key)
    else now.delete(key)
    collapsed.value = now
  }

  return { text, order, grouped, collapsed, onlyInRange, filter, filtered, listing, bootId, sortBy, setCollapsed }
})
