// SPDX-License-Identifier: GPL-2.0-or-later
import { computed, ref, type ComputedRef, type Ref } from 'vue'
import { useAction, type Action } from './use-action.ts'

export interface Confirmed<T> extends Action<[], T> {
  /** the word that has to be typed before it is done; null: it was not asked for yet */
  readonly wanted: Ref<string | null>
  readonly word: Ref<string>
  readonly ready: ComputedRef<boolean>
  readonly reset: () => void
}

/** An act that the helper may refuse with confirm-needed: it names the word, the user types it, the act is tried again. */
export function useConfirmed<T>(act: (confirm: string | undefined) => Promise<T>): Confirmed<T> {
  const wanted = ref<string | null>(null)
  const word = ref('')
  const action = useAction(() => act(wanted.value === null ? undefined : word.value))
  async function run(): Promise<T | undefined> {
    const result = await action.run()
    wanted.value = action.error.value?.confirm ?? null
    if (wanted.value === null) word.value = ''
    return result
  }
  function reset(): void {
    action.error.value = null
    wanted.value = null
    word.value = ''
  }
  const ready = computed(() => !action.busy.value && (wanted.value === null || word.value === wanted.value))
  return { ...action, run, wanted, word, ready, reset }
}
