// SPDX-License-Identifier: GPL-2.0-or-later
import { computed, type ComputedRef } from 'vue'
import { useHosts } from '../stores/hosts.ts'
import { usePool } from '../stores/pool.ts'
import { copyForm, formTitles } from './copy-forms.ts'
import { useSelection } from './selection-store.ts'

/** A form of "Copy as"; its text is made when it is asked for. */
export interface OfferedForm {
  readonly id: string
  readonly title: string
  readonly text: () => string
  /** of the first allocation alone, one line, to show beside the title */
  readonly preview: () => string
}

/** The forms of what is chosen. */
export function useCopyForms(): ComputedRef<readonly OfferedForm[]> {
  const pool = usePool()
  const hosts = useHosts()
  const selection = useSelection()
  const textOf = (id: string, most = Infinity): string => {
    const transport = hosts.byId(pool.key?.host ?? null)?.transport
    const simulate = transport?.kind === 'simulated' ? transport.directory : undefined
    const list = most === Infinity ? selection.chosen : selection.chosen.slice(0, most)
    return list.length === 0 ? '' : copyForm(list, { pool: pool.info?.name ?? 'POOL', simulate }, id)
  }
  return computed(() =>
    formTitles.map(({ id, title }) => ({
      id,
      title,
      text: () => textOf(id),
      preview: () => textOf(id, 1).replace(/\s+/g, ' ')
    }))
  )
}
