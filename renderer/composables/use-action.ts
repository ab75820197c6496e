// SPDX-License-Identifier: GPL-2.0-or-later
import { ref, shallowRef, type Ref, type ShallowRef } from 'vue'
import { asFailure, isCancelled } from '@api/failure.ts'
import type { LabError } from '@api'

export interface Action<A extends unknown[], T> {
  readonly busy: Ref<boolean>
  readonly error: ShallowRef<LabError | null>
  /** Answers undefined when it failed or was cancelled; the failure then stands in `error`. */
  readonly run: (...args: A) => Promise<T | undefined>
}

/** An act of the user whose failure is shown where it was started. */
export function useAction<A extends unknown[], T>(act: (...args: A) => Promise<T>): Action<A, T> {
  const busy = ref(false)
  const error = shallowRef<LabError | null>(null)
  async function run(...args: A): Promise<T | undefined> {
    busy.value = true
    error.value = null
    try {
      return await act(...args)
    } catch (thrown) {
      if (!isCancelled(thrown)) error.value = asFailure(thrown).toLabError()
      return undefined
    } finally {
      busy.value = false
    }
  }
  return { busy, error, run }
}
