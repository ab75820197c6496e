// SPDX-License-Identifier: GPL-2.0-or-later
import type { Allocation } from '@api'
import { asFailure } from '@api/failure.ts'
import { useNotices } from '../stores/notices.ts'
import { usePool, type PoolKey } from '../stores/pool.ts'
import { usePoolActs } from '../stores/pool-acts.ts'
import { chosenText, oneText } from './chosen-text.ts'

/** Say that names or labels were changed, and offer to put them back as they were. */
export function useLabelUndo(): (before: readonly Allocation[], now: readonly Allocation[]) => void {
  const notices = useNotices()
  const acts = usePoolActs()
  const pool = usePool()

  async function undo(of: PoolKey | null, before: readonly Allocation[], now: readonly Allocation[]): Promise<void> {
    // the same pages of another pool are something else
    if (pool.key?.pool !== of?.pool || pool.key?.host !== of?.host)
      return void notices.say('Not undone: another pool is in view.')
    const old = new Map(before.map(({ page, record }) => [page, record]))
    try {
      const { failed } = await acts.labelAll(now, ({ page }) => {
        const { name = '', owner = '', purpose = '' } = old.get(page) ?? {}
        return { name, owner, purpose }
      })
      const [first] = failed
      if (!first) notices.say(`${chosenText(before)} as before.`)
      else notices.say(`Not undone for ${failed.length} of ${now.length}: ${first.error.message} ${first.error.remedy}`)
    } catch (thrown) {
      notices.say(`Not undone: ${asFailure(thrown).message}`)
    }
  }

  return (before, now) => {
    const [first, as] = [before[0], now[0]]
    if (!first || !as) return
    const of = pool.key
    // a record, once made, stays for as long as its allocation
    const action = first.record ? { title: 'Undo', run: () => undo(of, before, now) } : null
    if (before.length > 1) notices.say(`${chosenText(now)} labelled.`, action)
    else if (first.record?.name === as.record?.name) notices.say(`Labels of ${oneText(as)} changed.`, action)
    else notices.say(first.record ? `${oneText(first)} renamed to ${oneText(as)}.` : `Named ${oneText(as)}.`, action)
  }
}
