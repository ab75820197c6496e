// SPDX-License-Identifier: GPL-2.0-or-later
import { useDevicePixelRatio } from '@vueuse/core'
import { onScopeDispose, watch, type Ref } from 'vue'
import { drawMap, drawOverview, overviewHeight, prepare, readColours, type Colours, type Marks } from './draw.ts'
import type { Shown } from './rows.ts'

type Canvas = Readonly<Ref<HTMLCanvasElement | null>>

export interface Painted {
  readonly shown: Readonly<Ref<Shown | null>>
  readonly marks: Readonly<Ref<Marks>>
  /** changes when the colours do */
  readonly theme: Readonly<Ref<string>>
}

/** Paints the map and the strip above it, at most once a frame. */
export function usePainter({ map, strip }: { map: Canvas; strip: Canvas }, { shown, marks, theme }: Painted): void {
  const { pixelRatio } = useDevicePixelRatio()
  let colours: Colours | null = null
  let frame = 0

  function paint(): void {
    frame = 0
    if (!shown.value || !map.value || !strip.value) return
    colours ??= readColours(map.value)
    const { lens, picture, items } = shown.value
    const large = prepare(map.value, lens.width, picture.height, pixelRatio.value)
    if (large) drawMap(large, shown.value, marks.value, colours)
    const small = prepare(strip.value, lens.width, overviewHeight, pixelRatio.value)
    if (small) drawOverview(small, items, lens.axis, lens, colours)
  }
  const ask = (): void => {
    if (frame === 0) frame = requestAnimationFrame(paint)
  }
  watch([shown, marks, pixelRatio, map], ask, { immediate: true, flush: 'post' })
  watch(
    theme,
    () => {
      colours = null
      ask()
    },
    { flush: 'post' }
  )
  onScopeDispose(() => cancelAnimationFrame(frame))
}
