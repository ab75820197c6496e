// SPDX-License-Identifier: GPL-2.0-or-later
import { defineStore } from 'pinia'
import { computed, ref, shallowRef, watch } from 'vue'
import type { Allocation } from '@api'
import { allocationAt } from '../map/allocations.ts'
import { usePool } from '../stores/pool.ts'
import { isSame, stillChosen } from './follow-changes.ts'
import { useAllocationList } from './list-store.ts'
import { allocationAtRow, groupAt, rowOfPage } from './listing.ts'

/** Where the keys act: on an allocation, or on the head of a group. */
type Cursor = { readonly page: number } | { readonly group: string }

/** Which allocations are chosen, by the table's rows; the map and the acts see the same (usePool). */
export const useSelection = defineStore('allocation-selection', () => {
  const pool = usePool()
  const list = useAllocationList()
  const cursor = shallowRef<Cursor | null>(null)
  /** the row that Shift extends from, by its page */
  const anchor = ref<number | null>(null)

  // the map, a jump from another view, a fresh allocation: the cursor follows, and one is chosen
  watch(
    () => pool.selected?.page ?? null,
    (page) => {
      if (page === null || pool.chosen.has(page)) return
      if (pool.chosen.size > 0) pool.chosen = new Set()
      cursor.value = { page }
      anchor.value = page
    },
    { immediate: true }
  )

  const cursorRow = computed(() => {
    const at = cursor.value
    if (at === null) return -1
    if ('page' in at) return rowOfPage(list.listing, at.page)
    const number = list.listing.groups.findIndex(({ key }) => key === at.group)
    return number < 0 ? -1 : list.listing.entries.indexOf(-1 - number)
  })

  watch(
    () => pool.key,
    () => {
      cursor.value = null
      anchor.value = null
    }
  )
  watch(
    () => pool.allocations,
    (now, before) => followChanges(now, before),
    { flush: 'sync' }
  )

  // freed: the keys go on from the row that came into its place
  watch(cursorRow, (row, before) => {
    const at = cursor.value
    if (row >= 0 || before < 0 || at === null || !('page' in at)) return
    if (allocationAt(pool.allocations, at.page)?.page !== at.page) setCursor(clamp(before))
  })

  /** What acts are about: several, one or none, in page order. */
  const chosen = computed<readonly Allocation[]>(() => {
    const one = pool.selected
    const pages = pool.chosen // once: a hundred thousand reads of what is tracked are most of a frame
    if (!one) return []
    if (pages.size < 2 || !pages.has(one.page)) return [one]
    return pool.allocations.filter(({ page }) => pages.has(page))
  })
  const isChosen = (page: number): boolean => page === pool.selected?.page || pool.chosen.has(page)

  /** The chosen set always holds the selected one, and is empty when that is all. */
  function choose(pages: ReadonlySet<number>, selected: number | null): void {
    pool.chosen = pages.size > 1 ? pages : new Set()
    pool.selectedPage = selected
  }

  function setCursor(row: number): number | null {
    const group = groupAt(list.listing, row)
    const page = allocationAtRow(list.listing, row)?.page ?? null
    if (group) cursor.value = { group: group.key }
    else if (page !== null) cursor.value = { page }
    return page
  }

  const clamp = (row: number): number => Math.max(0, Math.min(row, list.listing.entries.length - 1))

  /** To a row; `extend` chooses all from the anchor to it, `keep` leaves what is chosen. */
  function goTo(target: number, { extend = false, keep = false } = {}): void {
    if (list.listing.entries.length === 0) return
    const row = clamp(target)
    const page = setCursor(row)
    if (keep) return
    if (extend && anchor.value !== null) return void chooseRows(rowOfPage(list.listing, anchor.value), row, page)
    if (page === null) return
    anchor.value = page
    choose(new Set(), page)
  }

  function chooseRows(from: number, to: number, selected: number | null): void {
    const start = from < 0 ? to : from
    const pages = new Set<number>()
    for (let row = Math.min(start, to); row <= Math.max(start, to); row++) {
      const page = allocationAtRow(list.listing, row)?.page
      if (page !== undefined) pages.add(page)
    }
    choose(pages, selected ?? [...pages].at(from <= to ? -1 : 0) ?? pool.selectedPage)
  }

  /** What is freed is chosen no more: nobody chose what is put in its place. */
  function followChanges(now: readonly Allocation[], before: readonly Allocation[]): void {
    const was = allocationAt(before, pool.selectedPage ?? -1)
    // its first page, as it may have shrunk so that the one that was clicked on is not in it any more
    if (was) pool.selectedPage = isSame(was, allocationAt(now, was.page)) ? was.page : null
    if (pool.chosen.size === 0) return
    const left = stillChosen(pool.chosen, now, before)
    if (left !== pool.chosen) choose(left, pool.selectedPage ?? [...left][0] ?? null)
  }

  /** Into what is chosen, or out of it. */
  function toggle(row: number): void {
    const page = setCursor(row)
    if (page === null) return
    const now = new Set(chosen.value.map((each) => each.page))
    if (!now.delete(page)) now.add(page)
    anchor.value = page
    choose(now, now.has(page) ? page : ([...now].at(-1) ?? null))
  }

  function chooseGroup(row: number): void {
    const group = groupAt(list.listing, row)
    if (!group) return
    setCursor(row)
    const pages = new Set(Array.from(group.members, (index) => list.listing.list[index]!.page))
    const [first = null] = pages
    anchor.value = first
    choose(pages, first)
  }

  /** Everything that the filter leaves, collapsed groups too. */
  function chooseAll(): void {
    const { entries, groups, list: all } = list.listing
    const pages = new Set<number>()
    const add = (indexes: Int32Array | Uint32Array): void => indexes.forEach((index) => pages.add(all[index]!.page))
    if (groups.length > 0) for (const { members } of groups) add(members)
    else add(entries)
    const [first] = pages
    const selected = pool.selected && pages.has(pool.selected.page) ? pool.selected.page : first
    choose(pages, selected ?? null)
  }

  return { cursor, cursorRow, chosen, isChosen, goTo, toggle, chooseGroup, chooseAll }
})
