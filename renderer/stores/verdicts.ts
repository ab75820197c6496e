// SPDX-License-Identifier: GPL-2.0-or-later
import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import type { Verdict } from '@api'
import { useLink } from './link.ts'
import { useRuns } from './runs.ts'

/** Verdicts stored on the host in view: those reached on its command line too, of which the lab knows no run. */
export const useVerdicts = defineStore('verdicts', () => {
  const link = useLink()
  const runs = useRuns()
  const stored = shallowRef<readonly Verdict[]>([])
  let of = ''

  /** An answer that comes when another host is in view is dropped, and so is what was there of another host. */
  async function load(host: string): Promise<void> {
    if (of !== host) stored.value = []
    of = host
    const { verdicts } = await link.request('verdict/list', { host })
    if (of === host) stored.value = verdicts
  }
  const isOfRun = ({ expectation }: Verdict): boolean =>
    runs.runs.some((run) => run.verdict?.expectation === expectation)
  const withoutRun = (pool: string): readonly Verdict[] =>
    stored.value.filter((verdict) => verdict.pool === pool && !isOfRun(verdict))

  return { load, withoutRun }
})
