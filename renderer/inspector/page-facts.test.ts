// SPDX-License-Identifier: GPL-2.0-or-later
import { flushPromises } from '@vue/test-utils'
import { expect, test } from 'vitest'
import type { Allocation } from '@api'
import { blockPages, PageFacts } from './page-facts.ts'

const allocation: Allocation = { page: 3, pages: 2, pfn: 3, address: 0x3000, record: null }

test('states and allocations come by blocks, and are read again when the pool changed', async () => {
  const asked: number[] = []
  const facts = new PageFacts({
    read: (first) => {
      asked.push(first)
      return Promise.resolve({
        flags: Uint8Array.of(2, 1, 16, 12, 4, 32),
        allocations: first === 0 ? [allocation] : []
      })
    },
    changed: () => undefined
  })
  expect(facts.kindAt(3)).toBe('unknown')
  facts.need(0, 10)
  facts.need(0, 10)
  await flushPromises()
  expect([0, 1, 2, 3, 4, 5, 6].map((page) => facts.kindAt(page))).toEqual([
    'metadata',
    'free',
    'bad',
    'allocated',
    'allocated',
    'absent',
    'unknown'
  ])
  expect(facts.allocationAt(4)).toBe(allocation)
  expect(facts.allocationAt(5)).toBeNull()
  facts.outdate()
  expect(facts.kindAt(3)).toBe('allocated')
  facts.need(blockPages - 1, blockPages + 1)
  await flushPromises()
  expect(asked).toEqual([0, 0, blockPages])
})

test('a block that was on its way when the pool changed is read again', async () => {
  let pages = 1
  const facts = new PageFacts({
    read: () => Promise.resolve({ flags: new Uint8Array(8), allocations: [{ ...allocation, pages }] }),
    changed: () => undefined
  })
  facts.need(0, 1)
  pages = 2
  facts.outdate()
  await flushPromises()
  expect(facts.allocationAt(4)?.pages).toBe(2)
  expect(facts.isKnown(4)).toBe(true)
})
