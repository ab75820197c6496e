// SPDX-License-Identifier: GPL-2.0-or-later
import { shallowRef, watch, type Ref } from 'vue'
import type { BadPages, PageResult, Pool } from '@api'
import { useLink } from '../stores/link.ts'
import { usePool } from '../stores/pool.ts'
import { Runs } from './runs.ts'

const atOnce = 10_000 // the most that one bad/list answers

/** The pages in quarantine, read while they are wanted; what was read last when they cannot be. */
export function useBadRuns(pool: Readonly<Ref<Pool>>, wanted: Readonly<Ref<boolean>>): Readonly<Ref<Runs<BadPages>>> {
  const link = useLink()
  const store = usePool()
  const runs = shallowRef(new Runs<BadPages>([]))
  let turn = 0

  watch(
    [wanted, () => pool.value.sequence],
    async ([isWanted]) => {
      const mine = ++turn
      const { key } = store
      if (!isWanted || !key) return
      if (pool.value.usage.pagesBad === 0) return void (runs.value = new Runs<BadPages>([]))
      const all: BadPages[] = []
      for (let from: number | null = 0; from !== null;) {
        const part: PageResult<'bad/list'> | null = await link
          .request('bad/list', { ...key, from, limit: atOnce })
          .catch(() => null)
        if (mine !== turn || !part) return
        for (const each of part.bad) all.push(each)
        from = part.next
      }
      runs.value = new Runs(all)
    },
    { immediate: true }
  )
  return runs
}
