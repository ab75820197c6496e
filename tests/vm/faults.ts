// SPDX-License-Identifier: GPL-2.0-or-later
// Each kind of fault that pmpool injects, with the pages it is put on: an allocation of its own, so that the verdict
// has to name every one by itself.
import type { Diagnosis, FaultKind } from '../../main/api/index.ts'
import { shell, type Question } from './pmpool.ts'

export interface ContentFault {
  readonly kind: FaultKind
  /** how many pages are spoilt; a shifted allocation is spoilt whole */
  readonly pages: number
  /** of the allocation that holds them */
  readonly of: number
  readonly region: 0 | 1
}

export const contentFaults: readonly ContentFault[] = [
  { kind: 'bit-flip', pages: 3, of: 16, region: 0 },
  { kind: 'bit-flips', pages: 2, of: 16, region: 1 },
  { kind: 'stuck-bit', pages: 8, of: 32, region: 0 },
  { kind: 'zeroed', pages: 4, of: 16, region: 1 },
  { kind: 'ones', pages: 2, of: 16, region: 0 },
  { kind: 'filled', pages: 3, of: 16, region: 1 },
  { kind: 'aliased', pages: 4, of: 64, region: 0 },
  { kind: 'displaced', pages: 2, of: 16, region: 1 },
  { kind: 'shifted', pages: 8, of: 8, region: 0 },
  { kind: 'torn', pages: 3, of: 16, region: 1 },
  { kind: 'elf', pages: 1, of: 16, region: 0 },
  { kind: 'kernel', pages: 2, of: 16, region: 1 },
  { kind: 'initrd', pages: 1, of: 16, region: 0 },
  { kind: 'page-table', pages: 3, of: 16, region: 1 },
  { kind: 'text', pages: 2, of: 16, region: 0 },
  { kind: 'overwritten', pages: 5, of: 16, region: 1 }
]

/** Into the metadata of a small pool of its own each: what the verdict then is, and the check that fails. */
export const metadataFaults: readonly { kind: FaultKind; class: string; check: string }[] = [
  { kind: 'superblock', class: 'superblock-lost', check: 'superblock' },
  { kind: 'states', class: 'metadata-torn', check: 'allocations' },
  { kind: 'record', class: 'metadata-torn', check: 'records' } // its checksum no longer fits
]

/** An allocation for each fault, full of noise. */
export const allocateForFaults = (pool: string): Question<string>[] =>
  contentFaults.map(({ kind, of, region }) =>
    shell(
      `pmpool alloc ${pool} --pages ${of} --name ${kind} --place region=${region} &&
       head -c ${of * 4096} /dev/urandom | pmpool write ${pool} ${kind} -`
    )
  )

const sorted = (pages: Iterable<number>): number[] => [...new Set(pages)].sort((a, b) => a - b)

/** Pages of all diagnoses, by kind. */
export function pagesByKind(diagnoses: readonly Diagnosis[]): Record<string, number[]> {
  const found = new Map<string, number[]>()
  for (const { kind, runs } of diagnoses) {
    const pages = runs.flatMap(({ page, pages }) => Array.from({ length: pages }, (_, i) => page + i))
    found.set(kind, sorted([...(found.get(kind) ?? []), ...pages]))
  }
  return Object.fromEntries(found)
}

export const pagesOf = (places: readonly { readonly page: number }[]): number[] =>
  sorted(places.map(({ page }) => page))
