// SPDX-License-Identifier: GPL-2.0-or-later
import { computed, ref, shallowRef } from 'vue'
import { bytesToBase64 } from '../composables/base64.ts'
import { plural } from '../composables/format.ts'
import { useAction } from '../composables/use-action.ts'
import { useLink } from '../stores/link.ts'
import type { PoolKey } from '../stores/pool.ts'
import { useTasks, type Task } from '../stores/tasks.ts'
import { hitsMost } from './limits.ts'
import { parseSearch, type SearchText } from './pattern.ts'
import type { Extent } from './space.ts'
import type { HexView } from './use-hex-view.ts'

export const searchRanges = ['pool', 'selection', 'allocation'] as const
export type SearchRange = (typeof searchRanges)[number]

interface Wanted {
  readonly of: () => PoolKey
  readonly view: HexView
  readonly allocation: () => Extent | null
  readonly size: () => number
  readonly changed: () => void
}

export interface Hits {
  readonly offsets: readonly number[]
  /** bytes of each */
  readonly length: number
  readonly more: boolean
  /** what was looked for */
  readonly title: string
}

/** Index of the first at or after an offset. */
function lowerBound(offsets: readonly number[], offset: number): number {
  let low = 0
  let high = offsets.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (offsets[middle]! < offset) low = middle + 1
    else high = middle
  }
  return low
}

export function useSearch({ of, view, allocation, size, changed }: Wanted) {
  const link = useLink()
  const tasks = useTasks()
  const open = ref(false)
  const text = ref<SearchText>({ kind: 'hex', text: '', ignoreCase: false, width: 4, little: true, aligned: false })
  const range = ref<SearchRange>('pool')
  const hits = shallowRef<Hits | null>(null)
  const task = shallowRef<Task | null>(null)
  const parsed = computed(() => parseSearch(text.value))

  function extent(): Extent {
    if (range.value === 'selection') return view.selection.value
    return (range.value === 'allocation' ? allocation() : null) ?? { from: 0, to: size() }
  }

  const search = useAction(async () => {
    const { needle } = parsed.value
    if (!needle) return
    const { from, to } = extent()
    const title = `Search ${text.value.text}`
    const answer = tasks.run(title, (controls) =>
      link.request(
        'memory/search',
        {
          ...of(),
          bytes: bytesToBase64(needle.bytes),
          ...(needle.mask && { mask: bytesToBase64(needle.mask) }),
          ignoreCase: needle.ignoreCase,
          align: needle.align,
          allocatedOnly: false,
          from,
          to,
          limit: hitsMost
        },
        controls
      )
    )
    task.value = tasks.tasks[0] ?? null
    try {
      const found = await answer
      hits.value = { offsets: found.hits, length: needle.bytes.length, more: found.more, title: text.value.text }
      changed()
      const first = found.hits[lowerBound(found.hits, view.cursor.value)] ?? found.hits[0]
      if (first !== undefined) view.jump(first, needle.bytes.length)
    } finally {
      task.value = null
    }
  })

  function clear(): void {
    hits.value = null
    changed()
  }

  /** The hit at the cursor, from 0. */
  const current = computed(() => {
    const index = hits.value ? lowerBound(hits.value.offsets, view.cursor.value) : -1
    return hits.value?.offsets[index] === view.cursor.value ? index : -1
  })
  function go(direction: 1 | -1): void {
    const all = hits.value
    if (!all || all.offsets.length === 0) return
    const at = lowerBound(all.offsets, view.cursor.value)
    const index = direction > 0 ? (all.offsets[at] === view.cursor.value ? at + 1 : at) : at - 1
    const target = all.offsets[(index + all.offsets.length) % all.offsets.length]!
    view.jump(target, all.length)
  }

  function isHit(offset: number): boolean {
    const all = hits.value
    if (!all) return false
    const before = all.offsets[lowerBound(all.offsets, offset + 1) - 1]
    return before !== undefined && offset < before + all.length
  }

  const summary = computed(() => {
    const all = hits.value
    if (!all) return ''
    if (all.offsets.length === 0) return `${all.title}: not found.`
    return `${all.title}: ${all.more ? 'the first ' : ''}${plural(all.offsets.length, 'hit')}`
  })

  return { open, text, range, parsed, hits, task, search, clear, current, go, isHit, summary }
}
