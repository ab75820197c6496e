// SPDX-License-Identifier: GPL-2.0-or-later
import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import type { Allocation } from '@api'
import { pageBytes } from '../composables/format.ts'
import { saveFile } from '../composables/save-file.ts'
import { useLink } from './link.ts'
import { useTasks } from './tasks.ts'
import { readAllocation, writeFile, type AllocationKey } from './transfers.ts'

/** What this page wrote into an allocation, to hold what is read back against it. */
export interface Written {
  readonly fileName: string
  readonly bytes: number
  readonly sha256: string
}

export interface Comparison {
  readonly equal: boolean
  readonly written: Written
  readonly sha256: string
}

async function sha256(content: BufferSource): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', content))
  return [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

// a page index alone may mean another allocation by tomorrow: the record's id tells named ones apart
const keyOf = ({ host, pool }: AllocationKey, { page, pages, record }: Allocation): string =>
  [host, pool, page, pages, record?.id ?? ''].join('/')

/** Moving content between files of the user and allocations. */
export const useContents = defineStore('contents', () => {
  const link = useLink()
  const tasks = useTasks()
  const written = shallowRef<ReadonlyMap<string, Written>>(new Map())
  const compared = shallowRef<ReadonlyMap<string, Comparison>>(new Map())

  const writtenTo = (of: AllocationKey, to: Allocation): Written | null => written.value.get(keyOf(of, to)) ?? null
  const comparisonOf = (of: AllocationKey, to: Allocation): Comparison | null =>
    compared.value.get(keyOf(of, to)) ?? null
  const label = ({ record, page }: Allocation): string => record?.name ?? `page ${page}`

  function forgetComparison(key: string): void {
    const rest = new Map(compared.value)
    rest.delete(key)
    compared.value = rest
  }

  function forgetWritten(key: string): void {
    const rest = new Map(written.value)
    rest.delete(key)
    written.value = rest
  }

  async function compare(key: string, content: Uint8Array<ArrayBuffer>): Promise<void> {
    const source = written.value.get(key)
    if (!source) return
    const digest = await sha256(content.subarray(0, source.bytes))
    compared.value = new Map(compared.value).set(key, {
      equal: digest === source.sha256,
      written: source,
      sha256: digest
    })
  }

  /** From here on nothing is claimed of it until it was compared again. */
  const forgetComparisonOf = (of: AllocationKey, to: Allocation): void => forgetComparison(keyOf(of, to))

  /** Write a file from the allocation's start on, read it back, and keep whether the two are equal. */
  async function write(of: AllocationKey, to: Allocation, file: File): Promise<void> {
    const key = keyOf(of, to)
    forgetComparison(key)
    forgetWritten(key) // a write that fails half-way leaves neither file
    await tasks.run(`Write ${file.name} to ${label(to)}`, (controls) => writeFile(link.request, of, file, controls))
    const content = await file.arrayBuffer()
    written.value = new Map(written.value).set(key, {
      fileName: file.name,
      bytes: file.size,
      sha256: await sha256(content)
    })
    const back = await tasks.run(`Read back ${label(to)}`, (controls) =>
      readAllocation(link.request, of, file.size, controls)
    )
    await compare(key, back)
  }

  /** The whole allocation as a file; held against what was written here, when something was. */
  async function save(of: AllocationKey, from: Allocation): Promise<void> {
    const content = await tasks.run(`Read ${label(from)}`, (controls) =>
      readAllocation(link.request, of, from.pages * pageBytes, controls)
    )
    await compare(keyOf(of, from), content)
    saveFile(new Blob([content]), `${label(from).replace(/[^A-Za-z0-9._-]+/g, '-')}.bin`)
  }

  return { writtenTo, comparisonOf, forgetComparisonOf, write, save }
})
