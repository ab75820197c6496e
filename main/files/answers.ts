// SPDX-License-Identifier: GPL-2.0-or-later
/** What the lab answers about files of its own, a method a line, and about reports. */
import type { z } from 'zod'
import type { LabMethod, LabMethods, LabResult } from '../api/index.ts'
import type { FileLibrary } from './library.ts'
import type { Task } from './task.ts'

export type FileMethod = Extract<LabMethod, `file/${string}` | 'report/make'>
export type FileAnswers = {
  readonly [M in FileMethod]: (
    params: z.output<LabMethods[M]['params']>,
    task: Task
  ) => LabResult<M> | Promise<LabResult<M>>
}

export const fileAnswers = (files: FileLibrary): FileAnswers => ({
  'report/make': ({ of, format }) => files.report(of, format),
  'file/list': async () => ({ files: await files.list() }),
  'file/fetch': ({ host, name }, task) => files.fetch(host, name, task),
  'file/write': async ({ name, offset, data, last }) => ({
    file: await files.write(name, offset, Buffer.from(data, 'base64'), last)
  }),
  'file/verify': ({ name }, task) => files.verify(name, task),
  'file/compare': ({ before, after }, task) => files.compare(before, after, task),
  'file/map': ({ name, first, count }) => files.map(name, first, count),
  'file/allocations': ({ name, from, limit }) => files.allocations(name, from, limit),
  'file/export': ({ name, format }, task) => files.export(name, format, task),
  'file/read': ({ name, page }) => files.read(name, page),
  'file/delete': async ({ name }) => {
    await files.delete(name)
    return {}
  }
})
