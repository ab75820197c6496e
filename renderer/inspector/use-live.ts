// SPDX-License-Identifier: GPL-2.0-or-later
import { onScopeDispose, ref, watch } from 'vue'

interface Wanted {
  readonly interval: () => number
  /** reads what is in view again */
  readonly refresh: () => Promise<void>
  readonly able: () => boolean
}

/** While on, what is in view is read again and again, the next time after the last answer came. */
export function useLive({ interval, refresh, able }: Wanted) {
  const on = ref(false)
  let timer = 0
  let running = false

  async function turn(): Promise<void> {
    timer = 0
    if (running || !on.value) return
    running = true
    if (able() && document.visibilityState === 'visible') await refresh()
    running = false
    plan()
  }
  function plan(): void {
    window.clearTimeout(timer)
    timer = on.value ? window.setTimeout(() => void turn(), interval()) : 0
  }
  watch([on, interval], plan)
  onScopeDispose(() => window.clearTimeout(timer))
  return { on }
}
