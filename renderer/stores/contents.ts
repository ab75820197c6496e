// SPDX-License-Identifier: GPL-2.0-or-later
import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import { asFailure, isCancelled, PmpoolError } from '@api/failure.ts'
import type { Allocation, LabError } from '@api'
import { fileNameOf } from '../allocations/copy-forms.ts'
import { formatBytes, pageBytes } from '../composables/format.ts'
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
  /** how the last act on an allocation's content failed */
  const failed = shallowRef<{ readonly key: string; readonly error: LabError } | null>(null)
  const busy = shallowRef<ReadonlySet<string>>(new Set())

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

  /** Whoever started it, it shows where the allocation does. Answers whether it was done. */
  async function attempt(key: string, act: () => Promise<void>): Promise<boolean> {
    failed.value = null
    busy.value = new Set(busy.value).add(key)
    try {
      await act()
      return true
    } catch (thrown) {
      if (!isCancelled(thrown)) failed.value = { key, error: asFailure(thrown).toLabError() }
      return false
    } finally {
      busy.value = new Set([...busy.value].filter((each) => each !== key))
    }
  }
  const failureOf = (of: AllocationKey, to: Allocation): LabError | null =>
    failed.value?.key === keyOf(of, to) ? failed.value.error : null
  const isBusy = (of: AllocationKey, to: Allocation): boolean => busy.value.has(keyOf(of, to))

  /** Write a file from the allocation's start on, read it back, and keep whether the two are equal. */
  const write = (of: AllocationKey, to: Allocation, file: File): Promise<boolean> =>
    attempt(keyOf(of, to), () => writeAndCompare(of, to, file))

  async function writeAndCompare(of: AllocationKey, to: Allocation, file: File): Promise<void> {
    const key = keyOf(of, to)
    const room = to.pages * pageBytes
    forgetComparison(key)
    if (file.size > room)
      throw new PmpoolError({
        code: 1206,
        name: 'out-of-range',
        message: `${file.name} has ${formatBytes(file.size)}; the allocation holds ${formatBytes(room)}.`,
        reason: 'A file is written whole, from the start of the allocation on.',
        remedy: 'Allocate more pages, or choose a shorter file.'
      })
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
  const save = (of: AllocationKey, from: Allocation): Promise<boolean> =>
    attempt(keyOf(of, from), async () => {
      const content = await tasks.run(`Read ${label(from)}`, (controls) =>
        readAllocation(link.request, of, from.pages * pageBytes, controls)
      )
      await compare(keyOf(of, from), content)
      saveFile(new Blob([content]), fileNameOf(from))
    })

  /** Each as a file of its own, one after the other; the first that cannot be read ends it. */
  async function saveAll(of: Omit<AllocationKey, 'page'>, list: readonly Allocation[]): Promise<void> {
    for (const from of list) if (!(await save({ ...of, page: from.page }, from))) return
  }

  /** It was filled, or is not what was written any more. */
  function forget(of: AllocationKey, to: Allocation): void {
    forgetComparison(keyOf(of, to))
    forgetWritten(keyOf(of, to))
  }

  return { writtenTo, comparisonOf, failureOf, isBusy, forget, write, save, saveAll }
})
