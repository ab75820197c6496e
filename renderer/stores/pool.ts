// SPDX-License-Identifier: GPL-2.0-or-later
import { defineStore } from 'pinia'
import { computed, ref, shallowRef, watch } from 'vue'
import { asFailure, isCancelled } from '@api/failure.ts'
import type { Allocation, LabError, LogEntry, PageParams, Pool } from '@api'
import { coalesce } from '../composables/coalesce.ts'
import { isCutOff } from '../composables/cut-off.ts'
import { withAllocation, withoutAllocation } from '../map/allocations.ts'
import { Runs } from '../map/runs.ts'
import { useHosts } from './hosts.ts'
import { useLink } from './link.ts'
import { atMost, changedSpans, readCells, readEntries, readPart, readSpan, replaced } from './pool-reads.ts'
import { Tiles } from './tiles.ts'

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
/** Most allocations that the page lists; of the rest the tiles say that they are allocated. */
export const mostListed = 262_144
const logKept = 500
const spansAtOnce = 16

type NewAllocation = Omit<PageParams<'allocation/create'>, 'host' | 'pool'>

/** Everything that a change without a range may have moved. */
const shapeOf = ({ pages, degraded, regions }: Pool): string =>
  JSON.stringify([pages, degraded, regions.map(({ base, firstPage, pages, error }) => [base, firstPage, pages, error])])
const directoryOf = ({ regions }: Pool): string => JSON.stringify(regions.map(({ directory }) => directory))

/** The pool in view: its page states and allocations, kept up with what any process does to it. */
export const usePool = defineStore('pool', () => {
  const link = useLink()
  const hosts = useHosts()
  const key = shallowRef<PoolKey | null>(null)
  const info = shallowRef<Pool | null>(null)
  const allocations = shallowRef<readonly Allocation[]>([])
  /** the same with their pages in typed arrays, for searches and sweeps */
  const runs = computed(() => new Runs(allocations.value))
  /** allocations that begin before this page are listed; null: all are */
  const listedTo = ref<number | null>(0)
  const tiles = shallowRef<Tiles | null>(null)
  /** counts up whenever tiles arrive */
  const tilesTurn = ref(0)
  const log = shallowRef<readonly LogEntry[]>([])
  const error = shallowRef<LabError | null>(null)
  const selectedPage = ref<number | null>(null)
  /** first pages of several chosen allocations, the selected one among them; empty: at most one is */
  const chosen = shallowRef<ReadonlySet<number>>(new Set())

  const selected = computed(() => (selectedPage.value === null ? null : runs.value.at(selectedPage.value)))
  /** The host does not have it any more; what is shown was read before. */
  const gone = computed(() => error.value !== null && goneErrors.includes(error.value.name))
  const reachable = computed(
    () => info.value !== null && !gone.value && hosts.byId(key.value?.host ?? null)?.state === 'connected'
  )
  const changeable = computed(() => reachable.value && info.value?.readOnly === false)
  const isShown = (of: PoolKey): boolean => key.value === of

  let sequence = 0 // of the log, that the list is up with
  let isWhole = false // else the whole list has to be read
  let told = false // of a change that is not read yet

  function putInfo(of: PoolKey, pool: Pool): void {
    const before = info.value
    info.value = pool
    hosts.putPool(of.host, pool)
    if (before && directoryOf(before) !== directoryOf(pool)) tiles.value?.invalidateAll(pool.pages)
  }

  /** Read what changed since the last time, by the log; false: more has changed than it tells. */
  async function catchUp(of: PoolKey): Promise<boolean> {
    if (!info.value || error.value) return false
    told = false
    const [pool, entries] = await Promise.all([link.request('pool/info', of), readEntries(link.request, of, sequence)])
    if (!isShown(of)) return true
    if (!entries || pool.sequence < sequence || shapeOf(pool) !== shapeOf(info.value)) return false
    const all = changedSpans(entries, (page) => {
      const at = runs.value.at(page)
      return at && at.page + at.pages
    })
    if (!all) return false
    const spans = atMost(all, spansAtOnce)
    for (const { from, to } of spans) tiles.value?.invalidate(from, to)
    const end = listedTo.value ?? pool.pages
    const listed = spans.filter(({ from }) => from < end).map(({ from, to }) => ({ from, to: Math.min(to, end) }))
    const found = await Promise.all(listed.map((span) => readSpan(link.request, of, span)))
    if (!isShown(of)) return true
    if (listed.length > 0)
      allocations.value = replaced(allocations.value, listed, found, (page) => runs.value.from(page))
    log.value = [...entries, ...log.value].slice(0, logKept)
    sequence = entries[0]?.sequence ?? sequence
    putInfo(of, pool)
    return true
  }

  /** Everything. The list appears while it comes when there was none, else it changes as a whole. */
  async function readAll(of: PoolKey): Promise<void> {
    const [pool, { entries }] = await Promise.all([
      link.request('pool/info', of),
      link.request('log/list', { ...of, limit: logKept })
    ])
    if (!isShown(of)) return
    putInfo(of, pool)
    log.value = entries
    error.value = null
    openTiles(of, pool.pages)
    await readList(of, entries[0]?.sequence ?? 0)
  }

  async function readList(of: PoolKey, upWith: number): Promise<void> {
    const grows = allocations.value.length === 0
    isWhole = false
    if (grows) sequence = upWith
    let list: readonly Allocation[] = []
    for (let next: number | null = 0; next !== null && list.length < mostListed;) {
      const part: Awaited<ReturnType<typeof readPart>> = await readPart(link.request, of, next)
      if (!isShown(of)) return
      next = part.next
      list = [...(grows ? allocations.value : list), ...part.allocations]
      if (!grows && next !== null && list.length < mostListed) continue
      allocations.value = list
      listedTo.value = next
      if (grows && told && next !== null && !(await catchUp(of))) return void update()
    }
    if (!grows) sequence = upWith
    isWhole = true
  }

  function openTiles(of: PoolKey, pages: number): void {
    if (tiles.value) return tiles.value.invalidateAll(pages)
    tiles.value = new Tiles(
      (level, first, count) => readCells(link.request, of, level, first, count),
      pages,
      () => tilesTurn.value++
    )
    tiles.value.look([])
  }

  async function read(): Promise<void> {
    const of = key.value
    if (!of) return
    try {
      if (!(isWhole && (await catchUp(of))) && isShown(of)) await readAll(of)
    } catch (thrown) {
      if (isShown(of) && !isCancelled(thrown) && !isCutOff(thrown)) error.value = asFailure(thrown).toLabError()
    }
  }
  const update = coalesce(read)

  /** Up to date, with the page states read again. */
  function reload(): Promise<void> {
    if (tiles.value && info.value) tiles.value.invalidateAll(info.value.pages)
    return update()
  }
  /** What is known may be of another boot, or of another helper. */
  function readAgain(): void {
    isWhole = false
    void update()
  }

  function open(of: PoolKey | null): void {
    if (of ? key.value?.host === of.host && key.value.pool === of.pool : key.value === null) return
    key.value = of
    info.value = of ? hosts.poolOf(of.host, of.pool) : null
    tiles.value?.end()
    tiles.value = null
    allocations.value = []
    listedTo.value = 0
    isWhole = false
    log.value = []
    error.value = null
    selectedPage.value = null
    chosen.value = new Set()
    if (of) void update()
  }

  const opened = (): PoolKey => {
    if (!key.value) throw new Error('No pool is open.')
    return key.value
  }

  /** Shown at once from the helper's answer; the log brings the rest. */
  function show(change: Allocation, allocated: boolean): void {
    allocations.value = allocated
      ? withAllocation(allocations.value, change)
      : withoutAllocation(allocations.value, change.page)
    tiles.value?.invalidate(change.page, change.page + change.pages)
    void update()
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
    link.onOpen(readAgain)
    link.on('pool/changed', ({ host, pool }) => {
      if (key.value?.host !== host || key.value.pool !== pool) return
      told = true
      void update()
    })
    link.on('host/changed', ({ host }) => {
      if (host.id === key.value?.host && host.state === 'connected') readAgain()
    })
    // one that was gone and is listed again
    const isListed = (): boolean => key.value !== null && hosts.poolOf(key.value.host, key.value.pool) !== null
    watch(
      () => gone.value && isListed(),
      (back) => {
        if (back) readAgain()
      }
    )
  }

  return {
    key,
    info,
    allocations,
    runs,
    listedTo,
    tiles,
    tilesTurn,
    log,
    error,
    gone,
    reachable,
    changeable,
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
