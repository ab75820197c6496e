// SPDX-License-Identifier: GPL-2.0-or-later
import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import { asFailure, cancelled } from '@api/failure.ts'
import type { Comparison, LabError, LabFile, LabResult } from '@api'
import { bytesToBase64 } from '../composables/base64.ts'
import { isCutOff } from '../composables/cut-off.ts'
import { useLink } from './link.ts'
import { useTasks } from './tasks.ts'

const chunkBytes = 1 << 20 // the most that the contract lets one request carry

/** Snapshot files that the lab itself keeps and reads, without any host. */
export const useFiles = defineStore('files', () => {
  const link = useLink()
  const tasks = useTasks()
  const files = shallowRef<readonly LabFile[]>([])
  const loaded = shallowRef(false)
  const error = shallowRef<LabError | null>(null)

  async function load(): Promise<void> {
    try {
      files.value = (await link.request('file/list', {})).files
      loaded.value = true
      error.value = null
    } catch (thrown) {
      if (!isCutOff(thrown)) error.value = asFailure(thrown).toLabError()
    }
  }

  async function fetch(host: string, name: string): Promise<LabFile> {
    const file = await tasks.run(`Copy ${name} to the lab`, (controls) =>
      link.request('file/fetch', { host, name }, controls)
    )
    await load()
    return file
  }

  /** A file of the user's own; its name without what a file of the lab may not be called. */
  async function bring(file: File): Promise<void> {
    const name =
      file.name
        .replace(/\.pmsnap$/, '')
        .replace(/[^A-Za-z0-9._-]+/g, '-')
        .replace(/^\.+/, '') || 'file'
    await tasks.run(`Bring ${file.name}`, async ({ signal, progress }) => {
      for (let offset = 0; offset < Math.max(1, file.size); offset += chunkBytes) {
        if (signal.aborted) throw cancelled()
        progress({ done: offset, total: file.size })
        const part = new Uint8Array(await file.slice(offset, offset + chunkBytes).arrayBuffer())
        const last = offset + part.length >= file.size
        await link.request('file/write', { name, offset, data: bytesToBase64(part), last })
      }
    })
    await load()
  }

  const verify = (name: string): Promise<LabFile> =>
    tasks.run(`Verify ${name}`, (controls) => link.request('file/verify', { name }, controls))
  const compare = (before: string, after: string): Promise<Comparison> =>
    tasks.run(`Compare ${before} with ${after}`, (controls) =>
      link.request('file/compare', { before, after }, controls)
    )
  const exportAs = (name: string, format: 'raw' | 'elf'): Promise<LabResult<'file/export'>> =>
    tasks.run(`Export ${name}`, (controls) => link.request('file/export', { name, format }, controls))

  async function remove(name: string): Promise<void> {
    await link.request('file/delete', { name })
    await load()
  }

  return { files, loaded, error, load, fetch, bring, verify, compare, exportAs, remove }
})
