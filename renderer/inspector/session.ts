// SPDX-License-Identifier: GPL-2.0-or-later
import { refThrottled, useDebounceFn, useEventListener, usePreferredReducedMotion } from '@vueuse/core'
import { computed, inject, onScopeDispose, provide, shallowRef, watch, type InjectionKey, type Ref } from 'vue'
import type { Allocation, Host, Pool } from '@api'
import { pageBytes } from '../composables/format.ts'
import { useInspector } from '../stores/inspector.ts'
import { useLink } from '../stores/link.ts'
import { usePool, type PoolKey } from '../stores/pool.ts'
import { HexDocument } from './document.ts'
import { liveBytes } from './memory-reads.ts'
import { PageFacts } from './page-facts.ts'
import { readPages } from './read-pages.ts'
import { PoolSpace, type Extent } from './space.ts'
import { useBeside } from './use-beside.ts'
import { useEditing } from './use-editing.ts'
import { useHexView } from './use-hex-view.ts'
import { useLive } from './use-live.ts'
import { useOverwrite } from './use-overwrite.ts'
import { useSearch } from './use-search.ts'

const settled = 200 // ms without scrolling, before what is in view is read again

const tellEvery = 100 // ms; who holds a key down reads nothing beside the bytes

export type InspectorSession = ReturnType<typeof makeSession>
const key: InjectionKey<InspectorSession> = Symbol('inspector')

/** All that the parts of the inspector share, for one pool, as long as its tab is open. */
export function provideInspector(pool: Readonly<Ref<Pool>>, host: Readonly<Ref<Host>>): InspectorSession {
  const session = makeSession(pool, host)
  provide(key, session)
  return session
}
export function useInspectorSession(): InspectorSession {
  const session = inject(key)
  if (!session) throw new Error('There is no inspector here.')
  return session
}

function makeSession(pool: Readonly<Ref<Pool>>, host: Readonly<Ref<Host>>) {
  const inspector = useInspector()
  const link = useLink()
  const store = usePool()
  /** counts up whenever bytes, edits or facts change: they are no deep reactive data */
  const version = shallowRef(0)
  const changed = (): void => void version.value++
  const of = (): PoolKey => ({ host: host.value.id, pool: pool.value.uuid })
  inspector.enter(of())
  const space = computed(() => new PoolSpace(pool.value))
  const motion = usePreferredReducedMotion()

  const read = liveBytes(link.request, of)
  const document = new HexDocument({
    space: () => space.value,
    read,
    edits: inspector.editsOf(of()),
    changed,
    now: () => performance.now()
  })
  const facts = new PageFacts({ read: (first) => readPages(link.request, of(), first), changed })
  const view = useHexView(space, () => inspector.against !== null)
  /** selection and version as the panes beside the bytes tell them: at once, then not at every frame */
  const told = {
    selection: refThrottled(view.selection, tellEvery),
    cursor: refThrottled(view.cursor, tellEvery),
    version: refThrottled(version, tellEvery)
  }
  const beside = useBeside({ host: () => host.value.id, space: () => space.value, live: read, changed })
  const editing = useEditing({
    of,
    document,
    facts,
    view,
    encoding: () => inspector.options.encoding,
    version,
    changed
  })

  const overwrite = useOverwrite({ view, editing, encoding: () => inspector.options.encoding })

  /** The allocation at the cursor. */
  const allocation = computed<Allocation | null>(() => {
    void version.value
    return facts.allocationAt(Math.floor(view.cursor.value / pageBytes))
  })
  const extentOf = ({ page, pages }: Allocation): Extent => ({ from: page * pageBytes, to: (page + pages) * pageBytes })
  const search = useSearch({
    of,
    view,
    allocation: () => allocation.value && extentOf(allocation.value),
    size: () => space.value.size,
    changed
  })

  async function refresh(): Promise<void> {
    const { from, to } = view.inView.value
    if (to > from) await document.refresh(from, to)
  }
  const live = useLive({ interval: () => inspector.options.interval, refresh, able: () => store.reachable })

  function need(): void {
    const { from, to } = view.inView.value
    if (to <= from || !store.reachable) return
    document.cache.need(from, to)
    beside.cache.value?.need(from, to)
    facts.need(Math.floor(from / pageBytes), Math.ceil(to / pageBytes))
    const page = Math.floor(view.cursor.value / pageBytes)
    facts.need(page, page + 1)
  }
  watch([view.inView, view.cursor, beside.cache], need)
  // what was read a while ago may be no more what stands there
  const settle = useDebounceFn(() => {
    if (!live.on.value && store.reachable) void refresh()
  }, settled)
  watch(view.inView, () => void settle())

  /** Read everything that is shown again; also after a failure. */
  function reread(): void {
    document.cache.retry()
    beside.cache.value?.retry()
    facts.outdate()
    need()
    void refresh()
  }
  watch(
    () => inspector.changed,
    (change) => {
      if (change?.host === host.value.id && change.pool === pool.value.uuid) reread()
    }
  )
  watch(
    () => store.reachable,
    (is) => (is ? reread() : editing.toggle(false))
  )
  watch(editing.refusal, (why) => {
    if (why !== null) editing.toggle(false)
  })

  const keep = (): void => inspector.keepPlace(of(), view.cursor.value)
  watch(view.cursor, useDebounceFn(keep, 300))
  onScopeDispose(keep)
  useEventListener(window, 'pagehide', keep)

  return {
    pool,
    host,
    of,
    version,
    changed,
    space,
    document,
    facts,
    view,
    told,
    beside,
    editing,
    overwrite,
    search,
    live,
    allocation,
    extentOf,
    need,
    reread,
    still: computed(() => motion.value === 'reduce')
  }
}
