// SPDX-License-Identifier: GPL-2.0-or-later
import { computed, type ComputedRef } from 'vue'
import { pageBytes, plural } from '../composables/format.ts'
import { useBookmarks } from '../stores/bookmarks.ts'
import { extentsOf, hitsText, type Mark } from './scroll-marks.ts'
import type { InspectorSession } from './session.ts'

/** Everything that is marked beside the scrollbar now; what there is none of is left out. */
export function useScrollMarks({ view, search, beside, editing, document }: InspectorSession): ComputedRef<Mark[]> {
  const bookmarks = useBookmarks()
  const edits = computed(() =>
    editing.state.value.count > 0 ? extentsOf(document.edits.entries().map(([offset]) => offset)) : []
  )
  return computed(() => {
    const found = search.hits.value
    const selection = view.selection.value
    const all: Mark[] = [
      {
        kind: 'selection',
        extents: selection.to - selection.from >= pageBytes ? [selection] : [],
        text: 'the selection'
      },
      {
        kind: 'bookmark',
        extents: bookmarks.list.map(({ page }) => ({ from: page * pageBytes, to: (page + 1) * pageBytes })),
        text: plural(bookmarks.list.length, 'bookmark')
      },
      { kind: 'difference', extents: beside.known.value.extents, text: beside.known.value.text },
      {
        kind: 'hit',
        extents: extentsOf(found?.offsets ?? [], found?.length),
        text: hitsText(found?.offsets.length ?? 0, found?.more ?? false)
      },
      { kind: 'edit', extents: edits.value, text: `${plural(editing.state.value.count, 'byte')} not written` }
    ]
    return all.filter(({ extents }) => extents.length > 0)
  })
}
