// SPDX-License-Identifier: GPL-2.0-or-later
import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import { asFailure } from '@api/failure.ts'
import type { Host, LabError, Pool, Region, Transport } from '@api'
import { coalesce } from '../composables/coalesce.ts'
import { isCutOff } from '../composables/cut-off.ts'
import { useLink } from './link.ts'

/** What a host holds, as it was last read. */
export interface HostContents {
  /** false until it was read once: an empty list says nothing then */
  readonly known: boolean
  readonly regions: readonly Region[]
  readonly pools: readonly Pool[]
  readonly error: LabError | null
}

const nothing: HostContents = { known: false, regions: [], pools: [], error: null }

/** Hosts of the lab, and the regions and pools on each. */
export const useHosts = defineStore('hosts', () => {
  const link = useLink()
  const told = shallowRef<readonly Host[]>([])
  /** Without the lab nothing can be asked of any of them. */
  const hosts = computed<readonly Host[]>(() =>
    link.state === 'open' ? told.value : told.value.map((host) => ({ ...host, state: 'closed' }))
  )
  const contents = shallowRef<ReadonlyMap<string, HostContents>>(new Map())
  /** false until the lab has told its hosts once */
  const loaded = ref(false)
  const readers = new Map<string, () => Promise<void>>()

  const byId = (id: string | null): Host | null => hosts.value.find((host) => host.id === id) ?? null
  const contentsOf = (id: string): HostContents => contents.value.get(id) ?? nothing
  const poolOf = (id: string, uuid: string): Pool | null =>
    contentsOf(id).pools.find((pool) => pool.uuid === uuid) ?? null
  const titles = computed(() => new Map(hosts.value.map((host) => [host.id, host.title])))

  function replaceHost(host: Host): void {
    const known = told.value.find(({ id }) => id === host.id)
    told.value = known ? told.value.map((each) => (each.id === host.id ? host : each)) : [...told.value, host]
    const back =
      host.state === 'connected' && (known?.state !== 'connected' || known.info?.bootId !== host.info?.bootId)
    if (back) void refresh(host.id)
  }

  function forget(id: string): void {
    told.value = told.value.filter((host) => host.id !== id)
    const rest = new Map(contents.value)
    rest.delete(id)
    contents.value = rest
  }

  const keep = (id: string, found: HostContents): void => {
    contents.value = new Map(contents.value).set(id, found)
  }

  async function read(id: string): Promise<void> {
    try {
      const [{ regions }, { pools }] = await Promise.all([
        link.request('region/list', { host: id }),
        link.request('pool/list', { host: id })
      ])
      keep(id, { known: true, regions, pools, error: null })
    } catch (thrown) {
      if (!isCutOff(thrown)) keep(id, { ...contentsOf(id), error: asFailure(thrown).toLabError() })
    }
  }

  function refresh(id: string): Promise<void> {
    const reader = readers.get(id) ?? coalesce(() => read(id))
    readers.set(id, reader)
    return reader()
  }

  /** Nobody tells of a pool that another process creates: look, and read again when the pools are others. */
  async function look(id: string): Promise<void> {
    if (byId(id)?.state !== 'connected') return
    const uuids = (regions: readonly Region[]): string =>
      regions.flatMap(({ id: region, pools }) => [region, ...pools.map(({ uuid }) => uuid)]).join()
    const { regions } = await link.request('region/list', { host: id })
    if (uuids(regions) !== uuids(contentsOf(id).regions)) await refresh(id)
  }

  function putPool(id: string, pool: Pool): void {
    const found = contentsOf(id)
    if (!found.pools.some(({ uuid }) => uuid === pool.uuid)) return void refresh(id)
    keep(id, { ...found, pools: found.pools.map((each) => (each.uuid === pool.uuid ? pool : each)) })
  }

  async function add(transport: Transport): Promise<Host> {
    const host = await link.request('host/add', { transport })
    replaceHost(host)
    return host
  }

  async function remove(id: string): Promise<void> {
    await link.request('host/remove', { host: id })
    forget(id)
  }

  async function connect(id: string): Promise<void> {
    replaceHost(await link.request('host/connect', { host: id }))
  }

  async function load(): Promise<void> {
    const answer = await link.request('host/list', {})
    told.value = answer.hosts
    loaded.value = true
    await Promise.all(answer.hosts.filter(({ state }) => state === 'connected').map(({ id }) => refresh(id)))
  }

  function start(): void {
    link.onOpen(() => void load().catch(() => undefined)) // a lost link loads again when it is back
    link.on('host/changed', ({ host }) => replaceHost(host))
    link.on('host/removed', ({ host }) => forget(host))
    link.on('pool/changed', ({ host, pool }) => {
      if (!poolOf(host, pool)) void refresh(host)
    })
  }

  return { hosts, loaded, titles, byId, contentsOf, poolOf, refresh, look, putPool, add, remove, connect, start }
})
