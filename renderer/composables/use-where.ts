// SPDX-License-Identifier: GPL-2.0-or-later
import { computed, ref, type ComputedRef, type Ref } from 'vue'
import type { PageParams } from '@api'
import type { Option } from './command-line.ts'
import { pageBytes, parseSize } from './format.ts'

type Request = Pick<
  PageParams<'allocation/create'>,
  'alignOrder' | 'withinOrder' | 'addressFrom' | 'addressTo' | 'placement' | 'node'
>

/** Constraints on where an allocation lies, as they are typed; all of them may stay empty. */
export interface Where {
  readonly align: Ref<string>
  readonly within: Ref<string>
  readonly from: Ref<string>
  readonly to: Ref<string>
  /** 'first', 'most-free', 'region 2', 'node 0' */
  readonly place: Ref<string>
  readonly wrong: ComputedRef<string>
  readonly request: ComputedRef<Request>
  readonly options: ComputedRef<readonly Option[]>
}

/** The order of a size that is a power of two of pages; null when it is none. */
export function orderOfSize(text: string): number | null {
  const order = Math.log2((parseSize(text) ?? 0) / pageBytes)
  return Number.isInteger(order) && order >= 0 && order <= 40 ? order : null
}

const isEmpty = (text: string): boolean => text.trim() === ''

export function useWhere(by: () => 'order' | 'pages'): Where {
  const [align, within, from, to, place] = [ref(''), ref(''), ref(''), ref(''), ref('first')]
  const aligned = computed(() => by() === 'pages' && !isEmpty(align.value))
  const wrong = computed(() => {
    if (aligned.value && orderOfSize(align.value) === null) return 'An alignment is a power of two from 4 KiB, as 2M.'
    if (!isEmpty(within.value) && orderOfSize(within.value) === null)
      return 'A block is a power of two from 4 KiB, as 1G.'
    for (const text of [from.value, to.value])
      if (!isEmpty(text) && parseSize(text) === null) return 'An address is written as 0x100000000 or 4G.'
    const [first, end] = [parseSize(from.value) ?? 0, parseSize(to.value)]
    return end !== null && end <= first ? 'The range is empty.' : ''
  })
  const request = computed<Request>(() => {
    const [placement, node] = place.value.split(' ') as ['first' | 'most-free' | 'region' | 'node', string?]
    return {
      ...(aligned.value ? { alignOrder: orderOfSize(align.value) ?? 0 } : {}),
      ...(isEmpty(within.value) ? {} : { withinOrder: orderOfSize(within.value) ?? 0 }),
      ...(isEmpty(from.value) ? {} : { addressFrom: parseSize(from.value) ?? 0 }),
      ...(isEmpty(to.value) ? {} : { addressTo: parseSize(to.value) ?? 0 }),
      placement,
      ...(node === undefined ? {} : { node: Number(node) })
    }
  })
  const options = computed<readonly Option[]>(() => [
    ['align', aligned.value ? align.value.trim() : ''],
    ['within', within.value.trim()],
    ['from', from.value.trim()],
    ['to', to.value.trim()],
    ['place', place.value === 'first' ? '' : place.value.replace(' ', '=')]
  ])
  return { align, within, from, to, place, wrong, request, options }
}
