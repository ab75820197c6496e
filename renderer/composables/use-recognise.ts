// SPDX-License-Identifier: GPL-2.0-or-later
import { watchDebounced } from '@vueuse/core'
import { shallowRef, watch, type Ref, type ShallowRef } from 'vue'
import { asFailure } from '@api/failure.ts'
import type { Found, LabError, PageParams } from '@api'
import { useLink } from '../stores/link.ts'

const typingPause = 150 // ms

/** What stands in a range, asked again whenever the range changes; null until it is known. */
export function useRecognise(range: Ref<PageParams<'region/recognise'> | null>): {
  found: ShallowRef<Found | null>
  error: ShallowRef<LabError | null>
} {
  const link = useLink()
  const found = shallowRef<Found | null>(null)
  const error = shallowRef<LabError | null>(null)
  const key = (): string => JSON.stringify(range.value)

  async function look(): Promise<void> {
    const of = range.value
    const asked = key()
    if (!of) return
    try {
      const answer = await link.request('region/recognise', of)
      if (asked === key()) found.value = answer
    } catch (thrown) {
      if (asked === key()) error.value = asFailure(thrown).toLabError()
    }
  }

  // what was found in another range says nothing about this one
  watch(key, () => {
    found.value = null
    error.value = null
  })
  watchDebounced(key, () => void look(), { debounce: typingPause })
  void look()
  return { found, error }
}
