// SPDX-License-Identifier: GPL-2.0-or-later
import { useEventListener, useStorage } from '@vueuse/core'
import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import { formatRoute, parseRoute, type HostPart, type Route, type Tab } from '../composables/route.ts'

/** Which host, pool and tab are in view: in the address, and remembered for the next time. */
export const usePlace = defineStore('place', () => {
  const last = useStorage('pmpool.place', '')
  const route = ref<Route>(parseRoute(location.hash.length > 2 ? location.hash : last.value))

  function go(to: Partial<Route>): void {
    route.value = { ...route.value, ...to }
    last.value = formatRoute(route.value)
    if (location.hash !== last.value) history.pushState(null, '', last.value)
  }
  const read = (): void => {
    route.value = parseRoute(location.hash)
    last.value = location.hash
  }
  useEventListener(window, 'popstate', read)
  useEventListener(window, 'hashchange', read)

  return {
    host: computed(() => route.value.host),
    pool: computed(() => route.value.pool),
    part: computed(() => route.value.part),
    tab: computed(() => route.value.tab),
    showHost: (host: string | null, part: HostPart = 'overview') => go({ host, pool: null, part }),
    showPool: (host: string, pool: string) => go({ host, pool, tab: route.value.pool ? route.value.tab : 'map' }),
    showTab: (tab: Tab) => go({ tab })
  }
})
