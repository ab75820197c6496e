// SPDX-License-Identifier: GPL-2.0-or-later
import { computed, shallowRef, watch } from 'vue'
import { useInspector, type Against } from '../stores/inspector.ts'
import { useLink } from '../stores/link.ts'
import { useRuns } from '../stores/runs.ts'
import { useTasks, type Task, type TaskControls } from '../stores/tasks.ts'
import { useAction } from '../composables/use-action.ts'
import { formatHex, pageBytes, plural } from '../composables/format.ts'
import { BytesCache, type ReadBytes } from './bytes-cache.ts'
import { differingRuns, findDifference, findInParts, type Difference, type DifferenceSearch } from './differences.ts'
import { heldBytes } from './memory-reads.ts'
import { joined, type Extent, type PoolSpace } from './space.ts'
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
/** ms for which the host is not asked again on the way from one difference to the next */
const comparedFor = 20_000

export const againstTitle = ({ kind, name }: Against): string => `${kind} ${name}`

/** Where memory is known to differ, for the scrollbar. */
export interface KnownDifferences {
  readonly extents: readonly Extent[]
  readonly text: string
}
const none: KnownDifferences = { extents: [], text: '' }

interface Compared {
  readonly at: number
  readonly name: string
  readonly parts: readonly Extent[]
  /** what lies behind may differ too; null: all is told */
  readonly toldTo: number | null
}

const toExtent = ({ page, pages }: { page: number; pages: number }): Extent => ({
  from: page * pageBytes,
  to: (page + pages) * pageBytes
})

/** A snapshot or an expectation beside live memory. */
export function useBeside({ host, space, live, changed }: Wanted) {
  const inspector = useInspector()
  const link = useLink()
  const tasks = useTasks()
  const runs = useRuns()
  const cache = shallowRef<BytesCache | null>(null)
  /** what the last search came to */
  const told = shallowRef('')
  const task = shallowRef<Task | null>(null)
  /** differences that were stepped to */
  const met = shallowRef<readonly Extent[]>([])
  const compared = shallowRef<Compared | null>(null)
  let read: ReadBytes | null = null

  watch(
    () => inspector.against,
    (against) => {
      told.value = ''
      met.value = []
      compared.value = null
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

  /** Which pages differ from a snapshot: the host holds all of them against it at memory speed. */
  async function compare(name: string, controls: TaskControls): Promise<Compared> {
    const { runs } = await link.request('snapshot/compare', { host: host(), before: name }, controls)
    const last = runs.at(-1)
    compared.value = {
      at: performance.now(),
      name,
      // what only one side holds is no difference of bytes
      parts: runs.filter(({ kind }) => kind !== 'added' && kind !== 'removed').map(toExtent),
      toldTo: last && runs.length >= runsMost ? toExtent(last).to : null
    }
    return compared.value
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
    const kept = compared.value
    if (kept?.name === against.name && performance.now() - kept.at < comparedFor) {
      const found = await amongParts(edge, direction, kept, wish)
      if (found) return found
    }
    return amongParts(edge, direction, await compare(against.name, wish), wish)
  }

  /** Where the host told which parts differ, only these are read. */
  async function amongParts(
    from: number,
    direction: 'next' | 'previous',
    { parts, toldTo }: Compared,
    wish: DifferenceSearch
  ): Promise<Difference | null> {
    if (toldTo === null) return findInParts(from, direction, parts, wish)
    if (direction === 'next')
      return (
        (await findInParts(from, direction, parts, wish)) ?? findDifference(Math.max(from, toldTo), direction, wish)
      )
    const behind = from > toldTo ? await findDifference(from, direction, { ...wish, start: toldTo }) : null
    return behind ?? findInParts(Math.min(from, toldTo), direction, parts, wish)
  }

  /** All places that differ from a snapshot, for the scrollbar. */
  const all = useAction(async () => {
    const { against } = inspector
    if (against?.kind !== 'snapshot') return
    const work = tasks.run(`Compare memory with ${againstTitle(against)}`, (controls) =>
      compare(against.name, controls)
    )
    task.value = tasks.tasks[0] ?? null
    const { parts, toldTo } = await work
    const pages = parts.reduce((sum, { from, to }) => sum + (to - from) / pageBytes, 0)
    told.value = `${toldTo === null ? '' : 'More than '}${plural(pages, 'page')} differ${pages === 1 ? 's' : ''} in the pool;`
  })

  /** What a verdict found is no more than it was then, and is told so. */
  const known = computed<KnownDifferences>(() => {
    const { against } = inspector
    if (!against) return none
    const { extents, from } = knownParts(against)
    const both = joined([...extents, ...met.value])
    return both.length > 0
      ? { extents: both, text: `${plural(both.length, 'place')} that differ${both.length === 1 ? 's' : ''}${from}` }
      : none
  })
  function knownParts(against: Against): { extents: readonly Extent[]; from: string } {
    if (against.kind === 'snapshot') {
      const kept = compared.value
      return { extents: kept?.parts ?? [], from: kept ? '' : ', of those that were gone to' }
    }
    const verdict = runs.runs.find((run) => run.verdict?.expectation === against.name)?.verdict
    return verdict
      ? { extents: verdict.changedRuns.map(toExtent), from: ', as the verdict found them' }
      : { extents: [], from: ', of those that were gone to' }
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
    if (!found) return
    met.value = [...met.value, { from: found.offset, to: found.offset + found.length }]
    view.jump(found.offset, found.length)
  }
  const difference = useAction(search)

  return { cache, told, task, difference, all, known, summary, on: computed(() => inspector.against !== null) }
}
