// SPDX-License-Identifier: GPL-2.0-or-later
import { computed, shallowRef, watch } from 'vue'
import { useInspector, type Against } from '../stores/inspector.ts'
import { useLink } from '../stores/link.ts'
import { useTasks } from '../stores/tasks.ts'
import { useAction } from '../composables/use-action.ts'
import { formatHex, plural } from '../composables/format.ts'
import { BytesCache, type ReadBytes } from './bytes-cache.ts'
import { differingRuns, findDifference } from './differences.ts'
import { heldBytes } from './memory-reads.ts'
import type { PoolSpace } from './space.ts'
import type { HexView } from './use-hex-view.ts'

interface Wanted {
  readonly host: () => string
  readonly space: () => PoolSpace
  readonly live: ReadBytes
  readonly changed: () => void
}

export const againstTitle = ({ kind, name }: Against): string => `${kind} ${name}`

/** A snapshot or an expectation beside live memory. */
export function useBeside({ host, space, live, changed }: Wanted) {
  const inspector = useInspector()
  const link = useLink()
  const tasks = useTasks()
  const cache = shallowRef<BytesCache | null>(null)
  const found = shallowRef('')
  let read: ReadBytes | null = null

  watch(
    () => inspector.against,
    (against) => {
      found.value = ''
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

  async function search(view: HexView, direction: 'next' | 'previous'): Promise<void> {
    const { against } = inspector
    if (!against || !read) return
    const held = read
    const from = direction === 'next' ? view.selection.value.to : view.selection.value.from
    const title = `Find the ${direction} difference to ${againstTitle(against)}`
    const difference = await tasks.run(title, ({ signal, progress }) =>
      findDifference(from, direction, {
        live,
        held,
        readable: (low, high) => space().readable(low, high),
        size: space().size,
        signal,
        progress
      })
    )
    found.value = difference
      ? `${plural(difference.length, 'byte')} differ${difference.length === 1 ? 's' : ''} at ${formatHex(space().addressOf(difference.offset) ?? difference.offset)}`
      : `No ${direction} difference.`
    if (difference) view.jump(difference.offset, difference.length)
  }
  const difference = useAction(search)

  return { cache, found, difference, summary, on: computed(() => inspector.against !== null) }
}
