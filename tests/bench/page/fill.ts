// SPDX-License-Identifier: GPL-2.0-or-later
// A pool in use: many allocations by several owners, in clusters all over it, made by the real helper.
import type { Helper } from '../../e2e/support/helper.ts'

const owners = ['vfio', 'iommu', 'kv-store', 'tmpfs', 'netdev', 'crash-log', 'gpu', 'trace']
const atOnce = 200
const clusters = 64

/** The same numbers in each run. */
function numbers(): () => number {
  let state = 12345
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

export async function fill(helper: Helper, pool: string, base: number, bytes: number, count: number): Promise<void> {
  const random = numbers()
  for (let made = 0; made < count; made += atOnce) {
    const some = Array.from({ length: Math.min(atOnce, count - made) }, (_, index) => {
      const number = made + index
      const cluster = Math.floor((made * clusters) / count) // so that each fills from its start on
      const owner = owners[Math.floor(random() * owners.length)] ?? ''
      const pages = random() < 0.6 ? 1 + Math.floor(random() * 16) : 1 + Math.floor(random() ** 3 * 2000)
      const addressFrom = base + Math.floor(bytes / clusters / 2 ** 21) * 2 ** 21 * cluster
      return helper.ask('allocation/create', {
        pool,
        pages,
        addressFrom,
        ...(number % 3 ? { name: `${owner}-${number}`, owner, purpose: 'bench' } : {})
      })
    })
    await Promise.all(some)
  }
}
