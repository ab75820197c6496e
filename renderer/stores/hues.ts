// SPDX-License-Identifier: GPL-2.0-or-later
import { useStorage } from '@vueuse/core'
import { defineStore } from 'pinia'
import { given, type Hues } from '../map/hues.ts'

/** What has hues by its name. */
export type HueSpace = 'owner' | 'boot'

const poolsKept = 64

/** Which owner and which boot of a pool has which hue, everywhere on the page; kept in this browser. */
export const useHues = defineStore('hues', () => {
  const all = useStorage<Record<string, Hues>>('pmpool.hues', {})
  const keyOf = (space: HueSpace, pool: string): string => `${space}/${pool}`

  const of = (space: HueSpace, pool: string): Hues => all.value[keyOf(space, pool)] ?? []

  /** Those present, most important first, get hues if they have none. */
  function give(space: HueSpace, pool: string, present: readonly string[]): void {
    const before = of(space, pool)
    const now = given(before, present)
    if (now === before) return
    const { [keyOf(space, pool)]: _, ...rest } = all.value
    all.value = Object.fromEntries([...Object.entries(rest).slice(1 - poolsKept), [keyOf(space, pool), now]])
  }
  return { of, give }
})
