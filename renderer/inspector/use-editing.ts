// SPDX-License-Identifier: GPL-2.0-or-later
import { computed, ref, shallowRef } from 'vue'
import { asFailure } from '@api/failure.ts'
import type { Allocation, LabError } from '@api'
import { bytesToBase64 } from '../composables/base64.ts'
import { pageBytes, plural } from '../composables/format.ts'
import { useLink } from '../stores/link.ts'
import { useNotices } from '../stores/notices.ts'
import { usePool, type PoolKey } from '../stores/pool.ts'
import type { HexDocument } from './document.ts'
import type { Run } from './edits.ts'
import { writeMost } from './limits.ts'
import type { PageFacts } from './page-facts.ts'
import { textToBytes, type Encoding } from './text.ts'
import type { HexView } from './use-hex-view.ts'

interface Wanted {
  readonly of: () => PoolKey
  readonly document: HexDocument
  readonly facts: PageFacts
  readonly view: HexView
  readonly encoding: () => Encoding
  readonly version: { readonly value: number }
  readonly changed: () => void
}

/** What a confirmation is asked for. */
export interface AskedWrite {
  readonly title: string
  readonly action: string
  readonly runs: readonly Run[]
  /** of each run */
  readonly allocations: readonly (Allocation | null)[]
  readonly done: (written: readonly Run[]) => void
}

const bytesOf = (runs: readonly Run[]): number => runs.reduce((sum, { after }) => sum + after.length, 0)

/** Typing over live memory, and writing what was typed. Nothing is written without a confirmation. */
export function useEditing({ of, document, facts, view, encoding, version, changed }: Wanted) {
  const pool = usePool()
  const link = useLink()
  const notices = useNotices()
  const on = ref(false)
  /** why something typed was not taken */
  const refused = ref('')
  const asked = shallowRef<AskedWrite | null>(null)
  const busy = ref(false)
  const error = shallowRef<LabError | null>(null)
  const { edits } = document

  const refusal = computed(() => {
    if (!pool.reachable) return 'The host is not connected.'
    if (pool.info?.degraded) return 'The pool is degraded: its memory is not changed until it is whole again.'
    return pool.changeable ? null : 'The pool is read-only.'
  })
  const state = computed(() => {
    void version.value
    const conflicts = document.conflicts()
    return { count: edits.count, undoable: edits.undoable, redoable: edits.redoable, conflicts }
  })

  function toggle(to = !on.value): void {
    on.value = to && refusal.value === null
    refused.value = ''
  }

  /** Why a byte cannot be typed over; null: it can. */
  function refusalAt(offset: number): string | null {
    if (refusal.value !== null) return refusal.value
    const page = Math.floor(offset / pageBytes)
    if (document.cache.at(offset) < 0) return 'This byte was not read.'
    const kind = facts.kindAt(page)
    if (kind === 'allocated') return null
    if (kind === 'unknown') return 'What this page is has not been read yet.'
    return `This page is ${kind}: only pages of an allocation can be changed.`
  }

  /** Type bytes at an offset as one step; false, with the reason kept, when one of them cannot be. */
  function put(offset: number, bytes: Uint8Array, joins = false): boolean {
    for (let i = 0; i < bytes.length; i++) {
      const why = refusalAt(offset + i)
      if (why === null) continue
      refused.value = why
      return false
    }
    refused.value = ''
    edits.type(offset, bytes, (at) => document.cache.at(at), joins)
    changed()
    return true
  }

  function typeDigit(digit: number): void {
    const at = view.cursor.value
    const low = view.low.value
    const byte = document.at(at)
    if (byte < 0) return void (refused.value = 'This byte was not read.')
    if (!put(at, Uint8Array.of(low ? (byte & 0xf0) | digit : (digit << 4) | (byte & 0x0f)), low)) return
    if (low) view.moveTo(at + 1)
    else {
      view.moveTo(at)
      view.low.value = true
    }
  }
  function typeText(text: string): void {
    const bytes = textToBytes(text, encoding())
    const at = view.cursor.value
    if (put(at, bytes)) view.moveTo(at + bytes.length)
  }

  function ask(title: string, action: string, runs: readonly Run[], done: AskedWrite['done']): void {
    error.value = null
    asked.value = {
      title,
      action,
      runs,
      allocations: runs.map(({ offset }) => facts.allocationAt(Math.floor(offset / pageBytes))),
      done
    }
  }
  const beginsAllocation = (offset: number): boolean =>
    offset % pageBytes === 0 && facts.allocationAt(offset / pageBytes)?.page === offset / pageBytes

  function askWrite(): void {
    const runs = edits.runs(beginsAllocation, writeMost)
    if (runs.length === 0) return
    const what = plural(edits.count, 'byte')
    ask(`Write ${what} to live memory?`, `Write ${what}`, runs, (written) => edits.written(written))
  }

  /** What is undone or done again is brought into view. */
  function askBack(word: 'Undo' | 'Redo'): void {
    const at = edits.placeOf(word === 'Undo' ? 'past' : 'future')
    const back = word === 'Undo' ? edits.undo() : edits.redo()
    if (at !== null) view.moveTo(at) // and off the second digit: what is typed next is a step of its own
    changed()
    if (!back) return
    ask(
      `${word} what was written to live memory?`,
      `${word}: write ${plural(bytesOf(back.runs), 'byte')}`,
      back.runs,
      back.done
    )
  }
  const undo = (): void => askBack('Undo')
  const redo = (): void => askBack('Redo')

  /** Each run by itself, under what stood there; what was written before one failed stays written. */
  async function write(): Promise<void> {
    const wanted = asked.value
    if (!wanted || busy.value) return
    busy.value = true
    error.value = null
    const written: Run[] = []
    try {
      for (const run of wanted.runs) {
        const [data, before] = [bytesToBase64(run.after), bytesToBase64(run.before)]
        await link.request('memory/write', { ...of(), offset: run.offset, data, before })
        written.push(run)
      }
      asked.value = null
    } catch (thrown) {
      error.value = asFailure(thrown).toLabError()
    }
    wanted.done(written)
    for (const { offset, after } of wanted.runs) await document.cache.refresh(offset, offset + after.length)
    if (error.value?.name === 'pool-changed') asked.value = null // what stands there now is in view, the edit is kept
    busy.value = false
    if (error.value === null)
      notices.say(`${plural(bytesOf(written), 'byte')} written.`, { title: 'Undo …', run: undo })
    changed()
  }

  /** What stands there now is what was meant to be typed over. */
  function accept(): void {
    edits.accept((offset) => document.cache.at(offset))
    error.value = null
    changed()
  }
  function discard(): void {
    edits.discard()
    view.low.value = false
    refused.value = ''
    error.value = null
    changed()
  }

  return {
    on,
    refusal,
    refused,
    state,
    asked,
    busy,
    error,
    toggle,
    refusalAt,
    put,
    typeDigit,
    typeText,
    askWrite,
    undo,
    redo,
    write,
    accept,
    discard
  }
}
