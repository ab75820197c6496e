// SPDX-License-Identifier: GPL-2.0-or-later
import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import { asFailure } from '@api/failure.ts'
import type { HelperResult, LabError, MemoryTest, PageParams, PatternCheck, PatternFill } from '@api'
import { isCutOff } from '../composables/cut-off.ts'
import { useLink } from './link.ts'
import { usePool } from './pool.ts'
import { useTasks } from './tasks.ts'

/** Patterns, memory tests and faults on the pool in view. */
export const useMemory = defineStore('memory', () => {
  const link = useLink()
  const pool = usePool()
  const tasks = useTasks()
  const results = shallowRef<readonly MemoryTest[]>([])
  const error = shallowRef<LabError | null>(null)

  async function load(host: string): Promise<void> {
    try {
      results.value = (await link.request('memory/results', { host })).results
      error.value = null
    } catch (thrown) {
      if (!isCutOff(thrown)) error.value = asFailure(thrown).toLabError()
    }
  }

  const fill = (wanted: PageParams<'pattern/fill'>): Promise<PatternFill> =>
    tasks.run(`Fill with ${wanted.pattern.kind}`, (controls) => link.request('pattern/fill', wanted, controls))
  const check = (wanted: PageParams<'pattern/check'>): Promise<PatternCheck> =>
    tasks.run(`Check ${wanted.pattern.kind}`, (controls) => link.request('pattern/check', wanted, controls))

  async function test(wanted: PageParams<'memory/test'>): Promise<MemoryTest> {
    const result = await tasks.run('Memory test', (controls) => link.request('memory/test', wanted, controls))
    await Promise.all([load(wanted.host), pool.reload()])
    return result
  }

  async function inject(wanted: PageParams<'fault/inject'>): Promise<HelperResult<'fault/inject'>> {
    const done = await link.request('fault/inject', wanted)
    await pool.reload()
    return done
  }

  return { results, error, load, fill, check, test, inject }
})
