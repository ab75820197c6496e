// SPDX-License-Identifier: GPL-2.0-or-later
import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import { asFailure } from '@api/failure.ts'
import type { Comparison, HelperResult, LabError, PageParams, Snapshot } from '@api'
import { saveFile } from '../composables/save-file.ts'
import { isCutOff } from '../composables/cut-off.ts'
import { useLink } from './link.ts'
import { useTasks } from './tasks.ts'
import { readSnapshot } from './transfers.ts'

/** Snapshot files on the host in view. */
export const useSnapshots = defineStore('snapshots', () => {
  const link = useLink()
  const tasks = useTasks()
  const host = shallowRef<string | null>(null)
  const snapshots = shallowRef<readonly Snapshot[]>([])
  const error = shallowRef<LabError | null>(null)
  /** names that were verified since the page opened, with the outcome */
  const verified = shallowRef<ReadonlyMap<string, LabError | null>>(new Map())

  async function load(of: string): Promise<void> {
    if (host.value !== of) snapshots.value = []
    host.value = of
    try {
      const answer = await link.request('snapshot/list', { host: of })
      if (host.value !== of) return
      snapshots.value = answer.snapshots
      error.value = null
    } catch (thrown) {
      if (!isCutOff(thrown)) error.value = asFailure(thrown).toLabError()
    }
  }

  const keepOutcome = (name: string, outcome: LabError | null): void => {
    verified.value = new Map(verified.value).set(name, outcome)
  }

  async function take(wanted: PageParams<'snapshot/create'>): Promise<Snapshot> {
    const made = await tasks.run(`Snapshot ${wanted.name}`, (controls) =>
      link.request('snapshot/create', wanted, controls)
    )
    await load(wanted.host)
    return made
  }

  /** `after` null: the pool as it is. */
  function compare(of: string, before: string, after: string | null): Promise<Comparison> {
    return tasks.run(`Compare ${before} with ${after ?? 'the pool now'}`, (controls) =>
      link.request('snapshot/compare', { host: of, before, ...(after !== null && { after }) }, controls)
    )
  }

  function restore(wanted: PageParams<'snapshot/restore'>): Promise<HelperResult<'snapshot/restore'>> {
    return tasks.run(`Restore ${wanted.name}`, (controls) => link.request('snapshot/restore', wanted, controls))
  }

  async function verify(of: string, name: string): Promise<void> {
    try {
      await tasks.run(`Verify ${name}`, (controls) => link.request('snapshot/verify', { host: of, name }, controls))
      keepOutcome(name, null)
    } catch (thrown) {
      const failed = asFailure(thrown)
      if (failed.name.startsWith('file-')) keepOutcome(name, failed.toLabError())
      throw failed
    }
  }

  async function download(of: string, name: string): Promise<void> {
    const content = await tasks.run(`Download ${name}`, (controls) =>
      readSnapshot(link.request, { host: of, name }, controls)
    )
    saveFile(content, `${name}.pmsnap`)
  }

  async function remove(of: string, name: string, confirm?: string): Promise<void> {
    await link.request('snapshot/delete', { host: of, name, confirm })
    await load(of)
  }

  return { host, snapshots, error, verified, load, take, compare, restore, verify, download, remove }
})
