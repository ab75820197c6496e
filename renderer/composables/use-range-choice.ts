// SPDX-License-Identifier: GPL-2.0-or-later
import { computed, ref, type ComputedRef, type Ref } from 'vue'
import type { Found, Host, LabError, Region } from '@api'
import { useHosts } from '../stores/hosts.ts'
import type { Option } from './command-line.ts'
import { checkRange, type Range } from './pool-range.ts'
import { useRecognise } from './use-recognise.ts'

/** A region of a host, or a part of it, as it is chosen in a dialog, and what stands there already. */
export interface RangeChoice {
  readonly regions: ComputedRef<readonly Region[]>
  readonly region: ComputedRef<Region | null>
  readonly regionId: Ref<string>
  readonly part: Ref<boolean>
  readonly offset: Ref<string>
  readonly size: Ref<string>
  readonly wrong: ComputedRef<string | null>
  readonly range: ComputedRef<Range | null>
  /** what pool/create and pool/extend want; null until a range is chosen */
  readonly request: ComputedRef<{ region: string; offset: number; size: number } | null>
  readonly options: ComputedRef<readonly Option[]>
  readonly found: Readonly<Ref<Found | null>>
  readonly unreadable: Readonly<Ref<LabError | null>>
}

export function useRangeChoice(host: () => Host, first: string | null): RangeChoice {
  const hosts = useHosts()
  const regions = computed(() => hosts.contentsOf(host().id).regions.filter((region) => !region.refused))
  const chosen = ref(first)
  const regionId = computed({
    get: () => chosen.value ?? regions.value[0]?.id ?? '',
    set: (id) => (chosen.value = id)
  })
  const region = computed(() => regions.value.find(({ id }) => id === regionId.value) ?? null)
  const part = ref(false)
  const offset = ref('0')
  const size = ref('')
  const checked = computed(() =>
    region.value ? checkRange(region.value, part.value ? offset.value : '', part.value ? size.value : '') : null
  )
  const range = computed(() => checked.value?.range ?? null)
  const request = computed(() =>
    region.value && range.value
      ? {
          region: region.value.id,
          offset: range.value.offset,
          size: range.value.toEnd ? 0 : range.value.size // 0: to the end of the region
        }
      : null
  )
  const { found, error } = useRecognise(computed(() => (request.value ? { host: host().id, ...request.value } : null)))
  const options = computed<readonly Option[]>(() => [
    ['region', regionId.value],
    ['offset', request.value?.offset || undefined],
    ['size', request.value?.size || undefined]
  ])
  const wrong = computed(() => checked.value?.wrong ?? null)
  return { regions, region, regionId, part, offset, size, wrong, range, request, options, found, unreadable: error }
}
