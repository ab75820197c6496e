// SPDX-License-Identifier: GPL-2.0-or-later
import { ref, shallowRef, watch, type Ref, type ShallowRef } from 'vue'
import { asFailure } from '@api/failure.ts'
import type { Host, LabError } from '@api'
import { coalesce } from '../composables/coalesce.ts'
import { isCutOff } from '../composables/cut-off.ts'

export interface HostRead<T> {
  readonly value: ShallowRef<T | null>
  readonly error: ShallowRef<LabError | null>
  readonly busy: Ref<boolean>
  /** milliseconds since 1970, by the clock of this page; 0: not yet */
  readonly at: Ref<number>
  readonly load: () => Promise<void>
}

/** What a host answers, read when it is wanted, and again whenever the host is back or has booted. */
export function useHostRead<T>(host: () => Host, wanted: () => boolean, ask: () => Promise<T>): HostRead<T> {
  const value = shallowRef<T | null>(null)
  const error = shallowRef<LabError | null>(null)
  const busy = ref(false)
  const at = ref(0)

  const load = coalesce(async () => {
    busy.value = true
    try {
      value.value = await ask()
      error.value = null
      at.value = Date.now()
    } catch (thrown) {
      if (!isCutOff(thrown)) error.value = asFailure(thrown).toLabError()
    } finally {
      busy.value = false
    }
  })
  watch(
    () => (host().state === 'connected' && wanted() ? (host().info?.bootId ?? '') : null),
    (boot) => {
      if (boot !== null) void load()
    },
    { immediate: true }
  )
  return { value, error, busy, at, load }
}
