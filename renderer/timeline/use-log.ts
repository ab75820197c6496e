// SPDX-License-Identifier: GPL-2.0-or-later
import { shallowRef, watch, type ShallowRef } from 'vue'
import { asFailure, isCancelled } from '@api/failure.ts'
import type { LabError, LogEntry } from '@api'
import { coalesce } from '../composables/coalesce.ts'
import { isCutOff } from '../composables/cut-off.ts'
import { useLink } from '../stores/link.ts'

const part = 1000 // entries to a request: the most that log/list answers

export interface Log {
  /** oldest first */
  readonly events: ShallowRef<readonly LogEntry[]>
  readonly error: ShallowRef<LabError | null>
  /** all that the pool still holds was read */
  readonly complete: ShallowRef<boolean>
}

/** The whole event log of a pool, kept up: what is new is read and put to the end. */
export function useLog(of: () => { host: string; pool: string; sequence: number }): Log {
  const link = useLink()
  const events = shallowRef<readonly LogEntry[]>([])
  const error = shallowRef<LabError | null>(null)
  const complete = shallowRef(false)

  async function read(): Promise<void> {
    const { host, pool } = of()
    const known = events.value
    const last = known.at(-1)?.sequence ?? 0
    const added: LogEntry[] = []
    try {
      for (let before: number | null | undefined; before !== null;) {
        const { entries, next }: { entries: LogEntry[]; next: number | null } = await link.request('log/list', {
          host,
          pool,
          limit: part,
          ...(before !== undefined && { before }),
          ...(last > 0 && { after: last })
        })
        added.push(...entries)
        before = next
        if (last === 0) events.value = added.toReversed() // the newest are shown while older ones come
      }
      if (last > 0 && added.length > 0) events.value = [...known, ...added.reverse()]
      complete.value = true
      error.value = null
    } catch (thrown) {
      if (!isCancelled(thrown) && !isCutOff(thrown)) error.value = asFailure(thrown).toLabError()
    }
  }
  const reload = coalesce(read)
  watch(() => of().sequence, reload, { immediate: true })
  return { events, error, complete }
}
