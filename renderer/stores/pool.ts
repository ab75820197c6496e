// SPDX-License-Identifier: GPL-2.0-or-later
import { defineStore } from 'pinia'
import { computed, ref, shallowRef, watch } from 'vue'
import { asFailure, isCancelled } from '@api/failure.ts'
import type { Allocation, LabError, LogEntry, PageParams, Pool } from '@api'
import { coalesce } from '../composables/coalesce.ts'
import { isCutOff } from '../composables/cut-off.ts'
import { allocationAt, withAllocation, withoutAllocation } from '../map/allocations.ts'
import { classifyPages, countKinds, withRun } from '../map/pages.ts'
import { useHosts } from './hosts.ts'
import { useLink } from './link.ts'
import { readAllocations, readMap } from './pool-reads.ts'

export interface PoolKey {
  readonly host: string
  readonly pool: string
}

/** What a host answers that has the pool no more, or may not open its region. */
const goneErrors: readonly string[] = [
  'pool-not-found',
  'region-not-found',
  'region-not-reserved',
  'region-system-ram',
  'region-mixed'
]

type NewAllocation = Omit<PageParams<'allocation/create'>, 'host' | 'pool'>

/** The pool in view: its page states and allocations, kept up with what any process does to it. */
export const usePool = defineStore('pool', () => {
  const link = useLink()
  const hosts = useHosts()
  const key = shallowRef<PoolKey | null>(null)
  const info = shallowRef<Pool | null>(null)
  const words = shallowRef<Uint8Array | null>(null)
  const allocations = shallowRef<readonly Allocation[]>([])
  const log = shallowRef<readonly LogEntry[]>([])
  const error = shallowRef<LabError | null>(null)
  const selectedPage = ref<number | null>(null)
  /** first pages of several chosen allocations, the selected one among them; empty: at most one is */
  const chosen = shallowRef<ReadonlySet<number>>(new Set())

  const kinds = computed(() =>
    info.value && words.value ? classifyPages(words.value, info.value, allocations.value) : null
  )
  const counts = computed(() => (kinds.value ? countKinds(kinds.value) : null))
  const selected = computed(() =>
    selectedPage.value === null ? null : allocationAt(allocations.value, selectedPage.value)
  )
  /** The host does not have it any more; what is shown was read before. */
  const gone = computed(() => error.value !== null && goneErrors.includes(error.value.name))
  const reachable = computed(
    () => info.value !== null && !gone.value && hosts.byId(key.value?.host ?? null)?.state === 'connected'
  )
  const changeable = computed(() => reachable.value && info.value?.readOnly === false)
  const isShown = (of: PoolKey): boolean => key.value?.host === of.host && key.value.pool === of.pool

  async function read(): Promise<void> {
    const of = key.value
    if (!of) return
    try {
      const [pool, map, list, entries] = await Promise.all([
        link.request('pool/info', of),
        readMap(link.request, of),
        readAllocations(link.request, of),
        link.request('log/list', { ...of, limit: 500 })
      ])
      if (!isShown(of)) return
      info.value = pool
      words.value = map
      allocations.value = list
      log.value = entries.entries
      error.value = null
      hosts.putPool(of.host, pool)
    } catch (thrown) {
      if (isShown(of) && !isCancelled(thrown) && !isCutOff(thrown)) error.value = asFailure(thrown).toLabError()
    }
  }
  const reload = coalesce(read)

  function open(of: PoolKey | null): void {
    if (of ? isShown(of) : key.value === null) return
    key.value = of
    info.value = of ? hosts.poolOf(of.host, of.pool) : null
    words.value = null
    allocations.value = []
    log.value = []
    error.value = null
    selectedPage.value = null
    if (of) void reload()
  }

  const opened = (): PoolKey => {
    if (!key.value) throw new Error('No pool is open.')
    return key.value
  }

  /** Shown at once from the helper's answer; the notification that follows brings the rest. */
  function show(change: Allocation, allocated: boolean): void {
    allocations.value = allocated
      ? withAllocation(allocations.value, change)
      : withoutAllocation(allocations.value, change.page)
    if (words.value) words.value = withRun(words.value, change.page, change.pages, allocated)
  }

  async function allocate(wanted: NewAllocation): Promise<Allocation> {
    const of = opened()
    const made = await link.request('allocation/create', { ...of, ...wanted })
    if (isShown(of)) {
      show(made, true)
      selectedPage.value = made.page
    }
    return made
  }

  async function free({ page, pages, record }: Allocation): Promise<void> {
    const of = opened()
    const expect = { pages, recordId: record?.id ?? null }
    const freed = await link.request('allocation/free', { ...of, page, expect })
    if (!isShown(of)) return
    show(freed, false)
    if (selectedPage.value === page) selectedPage.value = null
  }

  function start(): void {
    link.onOpen(() => void reload())
    link.on('pool/changed', ({ host, pool }) => {
      if (isShown({ host, pool })) void reload()
    })
    link.on('host/changed', ({ host }) => {
      if (host.id === key.value?.host && host.state === 'connected') void reload()
    })
    // one that was gone and is listed again
    const isListed = (): boolean => key.value !== null && hosts.poolOf(key.value.host, key.value.pool) !== null
    watch(
      () => gone.value && isListed(),
      (back) => {
        if (back) void reload()
      }
    )
  }

  return {
    key,
    info,
    words,
    allocations,
    log,
    error,
    gone,
    reachable,
    changeable,
    kinds,
    counts,
    selectedPage,
    selected,
    chosen,
    open,
    reload,
    allocate,
    free,
    start
  }
})
