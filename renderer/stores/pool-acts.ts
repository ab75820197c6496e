// SPDX-License-Identifier: GPL-2.0-or-later
import { defineStore } from 'pinia'
import { asFailure, cancelled, isCancelled } from '@api/failure.ts'
import type { Allocation, BadPages, LabError, PageParams, Pattern, Pool } from '@api'
import { pageBytes, plural } from '../composables/format.ts'
import { useHosts } from './hosts.ts'
import { useLink } from './link.ts'
import { usePlace } from './place.ts'
import { usePool, type PoolKey } from './pool.ts'
import { useTasks, type TaskControls } from './tasks.ts'

/** How an act on several allocations went: each is done, or failed for its own reason, or was not tried. */
export interface Outcome {
  readonly done: readonly Allocation[]
  readonly failed: readonly { readonly allocation: Allocation; readonly error: LabError }[]
  /** it was cancelled before these */
  readonly left: readonly Allocation[]
}

export interface Part {
  /** bytes from the allocation's start */
  readonly offset?: number
  /** bytes; to its end when left out */
  readonly length?: number
}

const atOnce = 8 // requests under way: enough that the helper never waits for the page

/** Acts on the pool in view beyond allocating and freeing. Each ends with the pool read again. */
export const usePoolActs = defineStore('pool-acts', () => {
  const link = useLink()
  const hosts = useHosts()
  const place = usePlace()
  const pool = usePool()
  const tasks = useTasks()

  const opened = (): PoolKey => {
    if (!pool.key) throw new Error('No pool is open.')
    return pool.key
  }
  const expectOf = ({ pages, record }: Allocation): { pages: number; recordId: number | null } => ({
    pages,
    recordId: record?.id ?? null
  })

  /** What differs is changed: the name first, then owner and purpose, each whole or not at all. */
  async function label(of: Allocation, wanted: { name: string; owner: string; purpose: string }): Promise<Allocation> {
    const now = await relabelled(opened(), of, wanted)
    await pool.reload()
    return now
  }

  async function relabelled(
    key: PoolKey,
    of: Allocation,
    wanted: { name: string; owner: string; purpose: string }
  ): Promise<Allocation> {
    let now = of
    if (wanted.name !== (of.record?.name ?? ''))
      now = await link.request('allocation/rename', {
        ...key,
        page: now.page,
        expect: expectOf(now),
        name: wanted.name
      })
    if (wanted.owner !== (now.record?.owner ?? '') || wanted.purpose !== (now.record?.purpose ?? ''))
      now = await link.request('allocation/relabel', {
        ...key,
        page: now.page,
        expect: expectOf(now),
        owner: wanted.owner,
        purpose: wanted.purpose
      })
    return now
  }

  /** One act on each of a list, a few at once; what fails does not keep the rest from being done. */
  async function each(
    title: string,
    list: readonly Allocation[],
    act: (allocation: Allocation) => Promise<Allocation>
  ): Promise<Outcome> {
    const done: Allocation[] = []
    const failed: { allocation: Allocation; error: LabError }[] = []
    const total = list.reduce((sum, { pages }) => sum + pages * pageBytes, 0)
    let next = 0
    let passed = 0
    async function work({ signal, progress }: TaskControls): Promise<void> {
      while (next < list.length && !signal.aborted) {
        const allocation = list[next++]!
        try {
          done.push(await act(allocation))
        } catch (thrown) {
          failed.push({ allocation, error: asFailure(thrown).toLabError() })
        }
        passed += allocation.pages * pageBytes
        progress({ done: passed, total })
      }
    }
    try {
      await tasks.run(title, async (controls) => {
        await Promise.all(Array.from({ length: atOnce }, () => work(controls)))
        if (next < list.length) throw cancelled()
      })
    } catch (thrown) {
      if (!isCancelled(thrown)) throw thrown
    }
    await pool.reload()
    return { done, failed, left: list.slice(next) }
  }

  const labelAll = (
    list: readonly Allocation[],
    labelOf: (allocation: Allocation) => { name?: string; owner?: string; purpose?: string }
  ): Promise<Outcome> => {
    const key = opened()
    return each(`Label ${plural(list.length, 'allocation')}`, list, (one) => {
      const now = { name: one.record?.name ?? '', owner: one.record?.owner ?? '', purpose: one.record?.purpose ?? '' }
      return relabelled(key, one, { ...now, ...labelOf(one) })
    })
  }

  /** Each with what the user saw of it. */
  async function freeAll(list: readonly Allocation[]): Promise<Outcome> {
    const key = opened()
    const outcome = await each(`Free ${plural(list.length, 'allocation')}`, list, (one) =>
      link.request('allocation/free', { ...key, page: one.page, expect: expectOf(one) })
    )
    const gone = new Set(outcome.done.map(({ page }) => page))
    if (pool.selectedPage !== null && gone.has(pool.selectedPage)) pool.selectedPage = null
    pool.chosen = new Set([...pool.chosen].filter((page) => !gone.has(page)))
    return outcome
  }

  async function resize(of: Allocation, pages: number): Promise<Allocation> {
    const now = await link.request('allocation/resize', { ...opened(), page: of.page, expect: expectOf(of), pages })
    await pool.reload()
    return now
  }

  /** One after the other; progress is of all of them. A failure or a cancel ends it there. */
  async function fill(list: readonly Allocation[], pattern: Pattern, part: Part = {}): Promise<number> {
    const key = opened()
    const lengthOf = ({ pages }: Allocation): number => part.length ?? pages * pageBytes - (part.offset ?? 0)
    const total = list.reduce((sum, one) => sum + lengthOf(one), 0)
    const what = list.length === 1 ? (list[0]!.record?.name ?? `page ${list[0]!.page}`) : `${list.length} allocations`
    const written = await tasks.run(`Fill ${what} with ${pattern.kind}`, async ({ signal, progress }) => {
      let before = 0
      for (const one of list) {
        const params = { ...key, page: one.page, expect: expectOf(one), pattern, ...part }
        const tell = ({ done }: { done: number }): void => progress({ done: before + done, total })
        before += (await link.request('allocation/fill', params, { signal, progress: tell })).written
        progress({ done: before, total })
      }
      return before
    })
    await pool.reload()
    return written
  }

  async function rename(name: string): Promise<void> {
    const key = opened()
    await link.request('pool/rename', { ...key, name })
    await Promise.all([pool.reload(), hosts.refresh(key.host)])
  }

  async function extend(by: Omit<PageParams<'pool/extend'>, 'host' | 'pool'>): Promise<void> {
    const key = opened()
    await link.request('pool/extend', { ...key, ...by })
    await Promise.all([pool.reload(), hosts.refresh(key.host)])
  }

  async function remove({ uuid, name, sequence }: Pool): Promise<void> {
    const { host } = opened()
    await link.request('pool/delete', { host, pool: uuid, expect: { name, sequence } })
    place.showHost(host)
    await hosts.refresh(host)
  }

  async function quarantine(page: number, pages: number, why: string): Promise<void> {
    await link.request('bad/add', { ...opened(), page, pages, why })
    await pool.reload()
  }

  async function release({ page, pages, recordId }: BadPages): Promise<void> {
    await link.request('bad/remove', { ...opened(), page, expect: { pages, recordId } })
    await pool.reload()
  }

  return { label, labelAll, freeAll, resize, fill, rename, extend, remove, quarantine, release }
})
