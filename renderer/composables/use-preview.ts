// SPDX-License-Identifier: GPL-2.0-or-later
import { shallowRef, watch, type Ref, type ShallowRef } from 'vue'
import { useLink } from '../stores/link.ts'
import type { AllocationKey } from '../stores/transfers.ts'
import { base64ToBytes } from './base64.ts'
import { hexDump } from './hex-dump.ts'

const previewBytes = 128

/** The first bytes of an allocation as a hex dump, read again when the pool has changed. */
export function usePreview(
  of: Ref<AllocationKey>,
  sequence: () => number
): { text: ShallowRef<string>; read: () => Promise<void> } {
  const link = useLink()
  const text = shallowRef('')

  async function read(): Promise<void> {
    const key = of.value
    try {
      const { data } = await link.request('allocation/read', { ...key, offset: 0, length: previewBytes })
      if (of.value.page === key.page) text.value = hexDump(base64ToBytes(data))
    } catch {
      text.value = '' // freed meanwhile, or the helper is gone: both are said elsewhere
    }
  }
  watch([() => of.value.page, sequence], () => void read(), { immediate: true })
  return { text, read }
}
