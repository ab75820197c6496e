// SPDX-License-Identifier: GPL-2.0-or-later
import { useDevicePixelRatio } from '@vueuse/core'
import { onScopeDispose, watch, type Ref } from 'vue'
import { prepare } from '../map/draw.ts'
import { usePreferences } from '../stores/preferences.ts'
import { readColours, type Colours } from './colours.ts'
import { drawScene } from './draw.ts'
import { headingHeight, type Scene } from './scene.ts'

const fadeEvery = 120 // ms

interface Painted {
  readonly canvas: Readonly<Ref<HTMLCanvasElement | null>>
  /** null while it has no size */
  readonly scene: (colours: Colours, charWidth: number) => Scene | null
  /** still fades */
  readonly fading: () => boolean
}

/** Paints at most once a frame, when something that the scene reads has changed. */
export function useHexPainter({ canvas, scene, fading }: Painted): { charWidth: () => number; ask: () => void } {
  const { pixelRatio } = useDevicePixelRatio()
  const preferences = usePreferences()
  let colours: Colours | null = null
  let width = 0
  let frame = 0
  let timer = 0

  function measure(element: HTMLCanvasElement): void {
    colours = readColours(element)
    const context = element.getContext('2d', { alpha: false }) // opaque: cheaper to put on the screen
    if (!context) return
    context.font = colours.font
    width = context.measureText('0').width
  }

  function charWidth(): number {
    if (!colours && canvas.value) measure(canvas.value)
    return width || 8
  }

  function paint(): void {
    frame = 0
    const element = canvas.value
    if (!element) return
    if (!colours) measure(element)
    const shown = colours && scene(colours, charWidth())
    if (!shown) return
    const context = prepare(element, shown.width, headingHeight(shown) + shown.height, pixelRatio.value)
    if (context) drawScene(context, shown)
    window.clearTimeout(timer)
    if (fading()) timer = window.setTimeout(ask, fadeEvery)
  }
  function ask(): void {
    if (frame === 0) frame = requestAnimationFrame(paint)
  }

  watch(
    () => [preferences.colours, pixelRatio.value],
    () => {
      colours = null
      ask()
    },
    { flush: 'post' }
  )
  onScopeDispose(() => {
    cancelAnimationFrame(frame)
    window.clearTimeout(timer)
  })
  return { charWidth, ask }
}
