// SPDX-License-Identifier: GPL-2.0-or-later
import { useStorage } from '@vueuse/core'
import { defineStore } from 'pinia'
import { computed } from 'vue'
import { formatCount } from '../composables/format.ts'
import { usePool } from './pool.ts'

export interface Bookmark {
  readonly page: number
  readonly name: string
}

/** Places on the page map that the user wants to find again: kept in this browser, by pool. */
export const useBookmarks = defineStore('bookmarks', () => {
  const pool = usePool()
  const all = useStorage<Record<string, Bookmark[]>>('pmpool.bookmarks', {})
  const uuid = computed(() => pool.info?.uuid ?? '')
  const list = computed<readonly Bookmark[]>(() => all.value[uuid.value] ?? [])

  function put(to: readonly Bookmark[]): void {
    const { [uuid.value]: _, ...rest } = all.value
    all.value = to.length > 0 ? { ...rest, [uuid.value]: to.toSorted((a, b) => a.page - b.page) } : rest
  }
  const remove = (page: number): void => put(list.value.filter((each) => each.page !== page))
  const rename = (page: number, name: string): void =>
    put(list.value.map((each) => (each.page === page ? { page, name } : each)))
  /** Named by what is there until the user names it. */
  function toggle(page: number): void {
    if (list.value.some((each) => each.page === page)) return remove(page)
    const name = pool.runs.at(page)?.record?.name ?? `page ${formatCount(page)}`
    put([...list.value, { page, name }])
  }
  return { list, toggle, remove, rename }
})
