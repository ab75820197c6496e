// SPDX-License-Identifier: GPL-2.0-or-later
import { shallowRef, watch, type ShallowRef } from 'vue'
import { asFailure, isCancelled } from '@api/failure.ts'
import type { Audit, LabError, Pool } from '@api'
import { useLink } from '../stores/link.ts'
import { usePool } from '../stores/pool.ts'
import { coalesce } from './coalesce.ts'
import { isCutOff } from './cut-off.ts'

/** The audit of the pool in view, counted again with every change of it. */
export function useAudit(pool: () => Pool): {
  audit: Readonly<ShallowRef<Audit | null>>
  error: Readonly<ShallowRef<LabError | null>>
} {
  const link = useLink()
  const store = usePool()
  const audit = shallowRef<Audit | null>(null)
  const error = shallowRef<LabError | null>(null)

  const count = coalesce(async () => {
    const key = store.key
    if (!key || !store.reachable) return
    try {
      const answer = await link.request('pool/audit', { ...key })
      if (answer.pool !== store.key?.pool) return
      audit.value = answer
      error.value = null
    } catch (thrown) {
      if (!isCancelled(thrown) && !isCutOff(thrown)) error.value = asFailure(thrown).toLabError()
    }
  })
  watch(
    () => [pool().uuid, pool().sequence, store.reachable],
    () => void count(),
    { immediate: true }
  )
  return { audit, error }
}
