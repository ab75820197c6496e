// SPDX-License-Identifier: GPL-2.0-or-later
import { computed } from 'vue'
import { cancelled, failure } from '@api/failure.ts'
import { copyText } from '../composables/copy-text.ts'
import { formatBytes, formatHex, plural } from '../composables/format.ts'
import { saveFile } from '../composables/save-file.ts'
import { useAction } from '../composables/use-action.ts'
import { useCommand } from '../composables/use-command.ts'
import { useInspector } from '../stores/inspector.ts'
import { useLink } from '../stores/link.ts'
import { useNotices } from '../stores/notices.ts'
import { useTasks } from '../stores/tasks.ts'
import { copyAs, copyFormTitles, placeForms, type CopyForm } from './copy-as.ts'
import { readMost } from './limits.ts'
import { liveBytes } from './memory-reads.ts'
import type { InspectorSession } from './session.ts'

/** Most bytes that are put on the clipboard, and into a file: the page holds them until they are saved. */
const copyMost = 1 << 20
const saveMost = 1 << 30

/** The selection, or the byte at the cursor, to the clipboard or to a file. */
export function useCopy(session: InspectorSession) {
  const inspector = useInspector()
  const notices = useNotices()
  const tasks = useTasks()
  const line = useCommand()
  const read = liveBytes(useLink().request, session.of)
  const range = session.view.selection

  const command = computed(() =>
    line('memory read', [session.pool.value.uuid, formatHex(range.value.from), range.value.to - range.value.from])
  )
  const refusal = computed(() =>
    range.value.to - range.value.from > copyMost ? `More than ${formatBytes(copyMost)} go to a file only.` : null
  )

  const tooLong = computed(() =>
    range.value.to - range.value.from > saveMost
      ? `More than ${formatBytes(saveMost)}: pmpool memory read saves any number of bytes.`
      : null
  )

  /** As shown, what was typed included; read anew where it is not in view. */
  async function content(from: number, to: number, step: (done: number) => void): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = new Uint8Array(to - from)
    const parts = session.space.value.readable(from, to)
    if (parts.reduce((sum, part) => sum + part.to - part.from, 0) < to - from)
      throw failure('unsupported', 'The selection reaches over a gap, or over a region that is missing.')
    for (let at = from; at < to; at += readMost) {
      step(at - from)
      const length = Math.min(readMost, to - at)
      bytes.set((await read(at, length)).bytes, at - from)
    }
    for (const [offset, { after }] of session.document.edits.entries())
      if (offset >= from && offset < to) bytes[offset - from] = after
    return bytes
  }

  const copy = useAction(async (form: CopyForm) => {
    const { from, to } = range.value
    const bytes = placeForms.includes(form) ? new Uint8Array() : await content(from, to, () => undefined)
    const text = copyAs(form, {
      bytes,
      address: session.space.value.addressOf(from),
      offset: from,
      length: to - from,
      encoding: inspector.options.encoding,
      command: command.value
    })
    if (!(await copyText(text)))
      throw failure('unsupported', 'The browser did not let the page write to the clipboard.')
    notices.say(`${copyFormTitles[form]} of ${plural(to - from, 'byte')} copied.`)
  })

  const save = useAction(async () => {
    const { from, to } = range.value
    if (tooLong.value !== null) throw failure('unsupported', tooLong.value)
    const bytes = await tasks.run(`Read ${formatBytes(to - from)} of memory`, ({ signal, progress }) =>
      content(from, to, (done) => {
        if (signal.aborted) throw cancelled()
        progress({ done, total: to - from })
      })
    )
    saveFile(new Blob([bytes]), `${session.pool.value.name}-${formatHex(from)}.bin`)
  })

  return { command, refusal, tooLong, copy, save }
}
