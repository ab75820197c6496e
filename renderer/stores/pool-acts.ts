// SPDX-License-Identifier: GPL-2.0-or-later
import { defineStore } from 'pinia'
import type { Allocation, BadPages, PageParams, Pool } from '@api'
import { useHosts } from './hosts.ts'
import { useLink } from './link.ts'
import { usePlace } from './place.ts'
import { usePool, type PoolKey } from './pool.ts'

/** Acts on the pool in view beyond allocating and freeing. Each ends with the pool read again. */
export const usePoolActs = defineStore('pool-acts', () => {
  const link = useLink()
  const hosts = useHosts()
  const place = usePlace()
  const pool = usePool()

  const opened = (): PoolKey => {
    if (!pool.key) throw new Error('No pool is open.')
    return pool.key
  }
  const expectOf = ({ pages, record }: Allocation): { pages: number; recordId: number | null } => ({
    pages,
    recordId: record?.id ?? null
  })

  /** What differs is changed: the name first, then owner and purpose, each whole or not at all. */
  async function label(of: Allocation, wanted: { name: string; owner: string; purpose: string }): Promise<void> {
    const key = opened()
    let now = of
    if (wanted.name !== (of.record?.name ?? ''))
      now = await link.request('allocation/rename', {
        ...key,
        page: now.page,
        expect: expectOf(now),
        name: wanted.name
      })
    if (wanted.owner !== (now.record?.owner ?? '') || wanted.purpose !== (now.record?.purpose ?? ''))
      await link.request('allocation/relabel', {
        ...key,
        page: now.page,
        expect: expectOf(now),
        owner: wanted.owner,
        purpose: wanted.purpose
      })
    await pool.reload()
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

  return { label, rename, extend, remove, quarantine, release }
})
