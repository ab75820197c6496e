// SPDX-License-Identifier: GPL-2.0-or-later
// A pool as a bring-up engineer's machine would have it, the same each time.
import type { Helper } from '../../tests/e2e/support/helper.ts'

interface Wanted {
  readonly name: string
  readonly owner: string
  readonly purpose: string
  readonly order?: number
  readonly pages?: number
}

const known: readonly Wanted[] = [
  { name: 'vfio-3b00.0-state', owner: 'vfio-pci', purpose: 'device state, MSI-X tables', order: 4 },
  { name: 'vfio-3b00.0-dma', owner: 'vfio-pci', purpose: 'pinned DMA window', order: 13 },
  { name: 'vfio-5e00.1-state', owner: 'vfio-pci', purpose: 'device state, MSI-X tables', order: 4 },
  { name: 'iommu-domain-4', owner: 'iommufd', purpose: 'page tables', pages: 1336 },
  { name: 'iommu-domain-7', owner: 'iommufd', purpose: 'page tables', pages: 612 },
  { name: 'guest-17-memory', owner: 'kvm', purpose: 'memfd of a live guest', order: 15 },
  { name: 'guest-21-memory', owner: 'kvm', purpose: 'memfd of a live guest', order: 14 },
  { name: 'nvme0-admin', owner: 'nvme', purpose: 'admin queue', order: 3 },
  { name: 'trace-ring', owner: 'ftrace', purpose: 'ring buffers of 8 CPUs', pages: 4100 },
  { name: 'log-before', owner: 'pstore', purpose: 'console of the kernel before', order: 9 }
]

/** Deterministic: a picture that is taken again shows the same pool. */
function* numbers(seed: number): Generator<number, never> {
  let state = seed
  for (;;) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    yield state / 2 ** 32
  }
}

/** Fills the only pool. */
export async function fillPool(helper: Helper): Promise<void> {
  const pool = (await helper.ask('pool/list', {})).pools[0]?.uuid ?? ''
  const random = numbers(7)
  for (const wanted of known) {
    const made = await helper.ask('allocation/create', { pool, ...wanted })
    const words = new Uint32Array(Math.min(made.pages * 4096, 1 << 20) / 4)
    for (let index = 0; index < words.length; index++) words[index] = random.next().value * 2 ** 32
    const data = Buffer.from(words.buffer).toString('base64')
    await helper.ask('allocation/write', { pool, page: made.page, offset: 0, data })
  }
  const loose = []
  for (let count = 0; count < 1700; count++) {
    const pages = Math.ceil(2 ** (random.next().value * 9))
    const name = count % 5 === 0 ? `buffer-${count}` : ''
    const record = name ? { name, owner: 'dmabuf', purpose: 'shared buffer' } : {}
    loose.push(await helper.ask('allocation/create', { pool, pages, ...record }))
  }
  for (const { page, pages, record } of loose) {
    const fate = random.next().value
    if (fate < 0.42)
      await helper.ask('allocation/free', { pool, page, expect: { pages, recordId: record?.id ?? null } })
  }
}
