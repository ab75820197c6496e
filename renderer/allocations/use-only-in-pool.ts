// SPDX-License-Identifier: GPL-2.0-or-later
import { watch, type Ref } from 'vue'
import { usePool } from '../stores/pool.ts'

/**
 * A dialog about allocations of the pool in view closes when another comes into view, as by the browser's way back: what
 * it says would otherwise be done to whatever lies at the same pages there.
 */
export function useOnlyInPool(open: Ref<boolean>): void {
  const pool = usePool()
  watch(
    () => pool.key,
    () => (open.value = false),
    { flush: 'sync' }
  )
}
