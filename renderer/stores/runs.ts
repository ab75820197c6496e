// SPDX-License-Identifier: GPL-2.0-or-later
import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import type { PageParams, Run } from '@api'
import { useLink } from './link.ts'

const underWay: readonly Run['state'][] = ['expecting', 'loading', 'armed', 'jumping', 'away', 'verifying']
export const isUnderWay = (run: Run): boolean => underWay.includes(run.state)
/** Before the jump there is a way back. */
export const canCancel = (run: Run): boolean => ['planned', 'expecting', 'loading', 'armed'].includes(run.state)

/** Kexec runs, newest first. */
export const useRuns = defineStore('runs', () => {
  const link = useLink()
  const runs = shallowRef<readonly Run[]>([])
  const selectedId = ref<string | null>(null)
  const selected = computed(() => runs.value.find((run) => run.id === selectedId.value) ?? null)
  const active = computed(() => runs.value.filter(isUnderWay))

  function put(run: Run): void {
    const known = runs.value.some(({ id }) => id === run.id)
    runs.value = known ? runs.value.map((each) => (each.id === run.id ? run : each)) : [run, ...runs.value]
  }
  function forget(id: string): void {
    runs.value = runs.value.filter((run) => run.id !== id)
    if (selectedId.value === id) selectedId.value = null
  }
  const ofPool = (pool: string): readonly Run[] => runs.value.filter((run) => run.pool === pool)

  async function plan(params: PageParams<'run/plan'>): Promise<Run> {
    const run = await link.request('run/plan', params)
    put(run)
    selectedId.value = run.id
    return run
  }
  /** @param arm stop before the jump, with the kernel loaded */
  async function begin(id: string, acceptWarnings: boolean, arm: boolean): Promise<void> {
    put(await link.request('run/start', { run: id, acceptWarnings, arm }))
  }
  async function jump(id: string): Promise<void> {
    put(await link.request('run/jump', { run: id }))
  }
  async function cancel(id: string): Promise<void> {
    put(await link.request('run/cancel', { run: id }))
  }
  async function remove(id: string): Promise<void> {
    await link.request('run/delete', { run: id })
    forget(id)
  }
  async function load(): Promise<void> {
    runs.value = (await link.request('run/list', {})).runs
  }

  function start(): void {
    link.onOpen(() => void load().catch(() => undefined)) // a lost link loads again when it is back
    link.on('run/changed', ({ run }) => put(run))
    link.on('run/removed', ({ run }) => forget(run))
  }

  return { runs, selectedId, selected, active, ofPool, plan, begin, jump, cancel, remove, start }
})
