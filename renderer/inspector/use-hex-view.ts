// SPDX-License-Identifier: GPL-2.0-or-later
import { computed, ref, shallowRef, watch, type Ref } from 'vue'
import { useInspector } from '../stores/inspector.ts'
import { addressChars } from './addresses.ts'
import { PlaceHistory } from './history.ts'
import { HexLayout, widestRow, type Column } from './layout.ts'
import * as scroll from './scroll.ts'
import type { Extent, PoolSpace } from './space.ts'

/** pixels */
export const rowHeight = 18

export type HexView = ReturnType<typeof useHexView>

/** Where one looks: rows in view, cursor, selection, columns. Offsets are bytes of the pool. */
export function useHexView(space: Readonly<Ref<PoolSpace>>, beside: () => boolean) {
  const { options } = useInspector()
  /** of the rows, without the heading */
  const height = ref(0)
  /** in characters of the font */
  const charsThere = ref(80)
  const cursor = ref(0)
  const anchor = ref(0)
  const column = ref<Column>('hex')
  /** the cursor is on the second digit of its byte */
  const low = ref(false)
  const place = shallowRef<scroll.ScrollPlace>({ row: 0, pixel: 0 })
  const history = new PlaceHistory()
  const canGoBack = ref(false)
  const canGoForward = ref(false)

  const layout = computed(() => {
    const wish = {
      grouping: options.grouping,
      addressChars: addressChars(space.value, options.addresses),
      beside: beside()
    }
    const bytesPerRow = options.bytesPerRow === 'auto' ? widestRow(charsThere.value, wish) : options.bytesPerRow
    return new HexLayout({ ...wish, bytesPerRow })
  })
  const bytesPerRow = computed(() => layout.value.bytesPerRow)
  const size = computed<scroll.ScrollSize>(() => ({
    rows: Math.ceil(space.value.size / bytesPerRow.value),
    rowHeight,
    height: height.value
  }))
  const rowOf = (offset: number): number => Math.floor(offset / bytesPerRow.value)
  const selection = computed<Extent>(() => ({
    from: Math.min(anchor.value, cursor.value),
    to: Math.max(anchor.value, cursor.value) + 1
  }))
  const selected = computed(() => anchor.value !== cursor.value)
  /** what is in view, the rows that are cut off too */
  const inView = computed<Extent>(() => {
    const rows = Math.ceil((height.value + place.value.pixel) / rowHeight)
    const from = place.value.row * bytesPerRow.value
    return { from, to: Math.min(space.value.size, from + rows * bytesPerRow.value) }
  })

  // other widths: the byte at the top stays there
  watch(bytesPerRow, (now, before) => {
    place.value = scroll.atRow(Math.floor((place.value.row * before) / now), size.value)
  })
  watch(size, (now) => (place.value = scroll.clampPlace(place.value, now)))
  watch(
    () => space.value.size,
    () => {
      cursor.value = space.value.clamp(cursor.value)
      anchor.value = space.value.clamp(anchor.value)
    }
  )

  const scrollTo = (to: scroll.ScrollPlace): void => {
    if (to.row !== place.value.row || to.pixel !== place.value.pixel) place.value = to
  }
  const reveal = (offset: number): void => scrollTo(scroll.revealing(place.value, rowOf(offset), size.value))

  function moveTo(offset: number, extend = false): void {
    cursor.value = space.value.clamp(offset)
    if (!extend) anchor.value = cursor.value
    low.value = false
    reveal(cursor.value)
  }

  function select(from: number, to: number): void {
    anchor.value = space.value.clamp(from)
    cursor.value = space.value.clamp(to - 1)
    low.value = false
  }

  function noteHistory(): void {
    canGoBack.value = history.canGoBack
    canGoForward.value = history.canGoForward
  }

  /** Go far: the place that is left can be come back to. With a length, those bytes are selected. */
  function jump(offset: number, length = 1): void {
    if (offset !== cursor.value) history.leave(cursor.value)
    noteHistory()
    moveTo(offset)
    if (length > 1) {
      anchor.value = space.value.clamp(offset + length - 1) // the cursor stays at the first
    }
  }
  function travel(direction: 'back' | 'forward'): void {
    const to = history[direction](cursor.value)
    noteHistory()
    if (to !== null) moveTo(to)
  }

  return {
    height,
    charsThere,
    cursor,
    anchor,
    column,
    low,
    place,
    layout,
    bytesPerRow,
    size,
    selection,
    selected,
    inView,
    canGoBack,
    canGoForward,
    rowOf,
    scrollTo,
    scrollBy: (pixels: number) => scrollTo(scroll.scrolledBy(place.value, pixels, size.value)),
    scrollToFraction: (fraction: number) => scrollTo(scroll.atFraction(fraction, size.value)),
    reveal,
    moveTo,
    select,
    jump,
    travel
  }
}
