// SPDX-License-Identifier: GPL-2.0-or-later
import { computed, shallowRef, watch } from 'vue'
import { useInspector, type Against } from '../stores/inspector.ts'
import { useLink } from '../stores/link.ts'
import { useTasks, type Task } from '../stores/tasks.ts'
import { useAction } from '../composables/use-action.ts'
import { formatHex, pageBytes, plural } from '../composables/format.ts'
import { BytesCache, type ReadBytes } from './bytes-cache.ts'
import { differingRuns, findDifference, findInParts, type Difference, type DifferenceSearch } from './differences.ts'
import { heldBytes } from './memory-reads.ts'
import type { Extent, PoolSpace } from './space.ts'
import type { HexView } from './use-hex-view.ts'

interface Wanted {
  readonly host: () => string
  readonly space: () => PoolSpace
  readonly live: ReadBytes
  readonly changed: () => void
}

/** bytes around the cursor that are read at once, before the host is asked */
const near = 1 << 21
/** most runs that snapshot/compare tells */
const runsMost = 4096

export const againstTitle = ({ kind, name }: Against): string => `${kind} ${name}`

/** A snapshot or an expectation beside live memory. */
export function useBeside({ host, space, live, changed }: Wanted) {
  const inspector = useInspector()
  const link = useLink()
  const tasks = useTasks()
  const cache = shallowRef<BytesCache | null>(null)
  /** what the last search came to */
  const told = shallowRef('')
  const task = shallowRef<Task | null>(null)
  let read: ReadBytes | null = null

  watch(
    () => inspector.against,
    (against) => {
      told.value = ''
      read = against && heldBytes(link.request, host, against)
      cache.value = read && new BytesCache({ read, readable: (from, to) => space().readable(from, to), changed })
      changed()
    },
    { immediate: true }
  )

  /** Differing bytes in a range of both, as far as they are read. */
  function summary(at: (offset: number) => number, from: number, to: number): string {
    const held = cache.value
    if (!held || !inspector.against) return ''
    const count = Math.min(to - from, 1 << 16)
    const here = new Uint8Array(count)
    const there = new Uint8Array(count)
    const missing: { offset: number; length: number }[] = []
    for (let i = 0; i < count; i++) {
      const [now, then] = [at(from + i), held.at(from + i)]
      if (now < 0 || then < 0) missing.push({ offset: from + i, length: 1 })
      here[i] = now
      there[i] = then
    }
    const runs = differingRuns(here, { bytes: there, missing }, from)
    const bytes = runs.reduce((sum, { length }) => sum + length, 0)
    if (bytes === 0)
      return missing.length === count ? `not in the ${inspector.against.kind}` : 'nothing differs in view'
    return `${plural(bytes, 'byte')} in view differ${bytes === 1 ? 's' : ''}, in ${plural(runs.length, 'place')}`
  }

  /** Near by the bytes are read; further off the host tells which pages of a snapshot changed. */
  async function outward(
    against: Against,
    from: number,
    direction: 'next' | 'previous',
    wish: DifferenceSearch
  ): Promise<Difference | null> {
    const edge = direction === 'next' ? Math.min(wish.size, from + near) : Math.max(0, from - near)
    const bounds = direction === 'next' ? { size: edge } : { start: edge }
    const first = await findDifference(from, direction, { ...wish, ...bounds })
    if (first || (direction === 'next' ? edge >= wish.size : edge <= 0)) return first
    if (against.kind !== 'snapshot') return findDifference(edge, direction, wish)
    const { signal, progress } = wish
    const { runs } = await link.request(
      'snapshot/compare',
      { host: host(), before: against.name },
      { signal, progress }
    )
    if (runs.length >= runsMost) return findDifference(edge, direction, wish)
    const parts = runs.map(({ page, pages }) => ({ from: page * pageBytes, to: (page + pages) * pageBytes }))
    return findInParts(edge, direction, parts, wish)
  }

  async function search(view: HexView, direction: 'next' | 'previous'): Promise<void> {
    const { against } = inspector
    if (!against || !read) return
    const held = read
    const from = direction === 'next' ? view.selection.value.to : view.selection.value.from
    const readable = (low: number, high: number): Extent[] => space().readable(low, high)
    const work = tasks.run(`Find the ${direction} difference to ${againstTitle(against)}`, ({ signal, progress }) =>
      outward(against, from, direction, { live, held, readable, size: space().size, signal, progress })
    )
    task.value = tasks.tasks[0] ?? null
    const found = await work
    told.value = found
      ? `${plural(found.length, 'byte')} differ${found.length === 1 ? 's' : ''} at ${formatHex(space().addressOf(found.offset) ?? found.offset)};`
      : `No ${direction} difference;`
    if (found) view.jump(found.offset, found.length)
  }
  const difference = useAction(search)

  return { cache, told, task, difference, summary, on: computed(() => inspector.against !== null) }
}
