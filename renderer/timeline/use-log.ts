// SPDX-License-Identifier: GPL-2.0-or-later
import { onScopeDispose, shallowRef, watch, type ShallowRef } from 'vue'
import { asFailure, isCancelled } from '@api/failure.ts'
import type { LabError, LogEntry } from '@api'
import { coalesce } from '../composables/coalesce.ts'
import { isCutOff } from '../composables/cut-off.ts'
import { useLink } from '../stores/link.ts'
import { LogReader, type LogKey } from './log-reader.ts'

export interface Log {
  /** oldest first */
  readonly events: ShallowRef<readonly LogEntry[]>
  readonly error: ShallowRef<LabError | null>
  /** all that the pool still holds was read */
  readonly complete: ShallowRef<boolean>
  /** Go on after an error. */
  readonly read: () => Promise<void>
}

/** The whole event log of a pool, kept up: the newest at once, older ones before them, what is new at the end. */
export function useLog(of: () => LogKey & { sequence: number }): Log {
  const link = useLink()
  const events = shallowRef<readonly LogEntry[]>([])
  const error = shallowRef<LabError | null>(null)
  const complete = shallowRef(false)
  let reader: LogReader | null = null

  /** Of another pool, or of a log that began anew: nothing that was read stays. */
  function begin(): void {
    reader?.stop()
    const { host, pool } = of()
    reader = new LogReader(link.request, { host, pool }, (read) => {
      events.value = read
    })
    events.value = []
    complete.value = false
    error.value = null
  }
  const read = coalesce(async () => {
    const mine = reader
    try {
      await mine?.read()
      if (mine !== reader) return
      complete.value = mine?.complete ?? false
      error.value = null
    } catch (thrown) {
      if (mine === reader && !isCancelled(thrown) && !isCutOff(thrown)) error.value = asFailure(thrown).toLabError()
    }
  })
  watch(
    () => [of().host, of().pool, of().sequence] as const,
    ([host, pool, sequence], before) => {
      if (!before?.length || host !== before[0] || pool !== before[1] || sequence < before[2]) begin()
      void read()
    },
    { immediate: true }
  )
  onScopeDispose(() => reader?.stop())
  return { events, error, complete, read }
}
