// SPDX-License-Identifier: GPL-2.0-or-later
/** libpmpool (native/ffi/pmpool_ffi.h), called off the main thread. The only importer of koffi. */
import koffi, { type LibraryHandle } from 'koffi'
import { cancelled, failure, PmpoolError } from '../api/failure.ts'
import type { Task } from './task.ts'

/** PM_FFI_VERSION */
const version = 1
/** The stack of a call; the library's own threads have theirs. */
const stackBytes = 4 << 20
const progressEveryMs = 100
const pageBytes = 4096

/** An opaque struct pm_ffi_task. */
type TaskHandle = unknown
type Answer = { ok: unknown } | { error: ConstructorParameters<typeof PmpoolError>[0] }
type Function = ReturnType<LibraryHandle['func']>

export class Native {
  readonly #functions: ReturnType<typeof declared>

  /** Rejects with unsupported, and what to do, where the library cannot be loaded. */
  constructor(file: string) {
    this.#functions = declared(load(file))
    const found = this.#functions.version() as number
    if (found !== version) throw missing(file, `it is of version ${found}, not ${version}`)
  }

  describe(chain: readonly string[]): Promise<unknown> {
    return called(this.#functions.describe, JSON.stringify(chain))
  }

  verify(chain: readonly string[], task: Task): Promise<unknown> {
    return this.#withTask(task, (handle) => called(this.#functions.verify, JSON.stringify(chain), handle))
  }

  compare(before: readonly string[], after: readonly string[], task: Task): Promise<unknown> {
    return this.#withTask(task, (handle) =>
      called(this.#functions.compare, JSON.stringify(before), JSON.stringify(after), handle)
    )
  }

  /** The states are little-endian 64-bit words of 32 pages, as many as were asked for at most. */
  async map(chain: readonly string[], first: number, count: number): Promise<{ answer: unknown; states: Buffer }> {
    const states = Buffer.alloc(Math.ceil(count / 32) * 8)
    const answer = await called(this.#functions.map, JSON.stringify(chain), first, count, states, states.length / 8)
    return { answer, states }
  }

  allocations(chain: readonly string[], from: number, limit: number): Promise<unknown> {
    return called(this.#functions.allocations, JSON.stringify(chain), from, limit)
  }

  async page(chain: readonly string[], page: number): Promise<{ answer: unknown; bytes: Buffer }> {
    const bytes = Buffer.alloc(pageBytes)
    return { answer: await called(this.#functions.page, JSON.stringify(chain), page, bytes), bytes }
  }

  export(chain: readonly string[], to: string, format: string, task: Task): Promise<unknown> {
    return this.#withTask(task, (handle) => called(this.#functions.export, JSON.stringify(chain), to, format, handle))
  }

  report(object: object, format: string): Promise<unknown> {
    return called(this.#functions.report, JSON.stringify(object), format)
  }

  async #withTask<T>({ progress, signal }: Task, act: (handle: TaskHandle) => Promise<T>): Promise<T> {
    if (signal.aborted) throw cancelled()
    const { taskNew, taskFree, taskCancel, taskProgress } = this.#functions
    const handle: TaskHandle = taskNew()
    const cancel = (): void => taskCancel(handle) as undefined
    const bytes = new BigUint64Array(2)
    const look = (): void => {
      taskProgress(handle, bytes)
      const [done, total] = bytes
      if (total) progress?.({ done: Number(done), total: Number(total) })
    }
    const timer = progress && setInterval(look, progressEveryMs)
    signal.addEventListener('abort', cancel)
    try {
      const result = await act(handle)
      look()
      return result
    } finally {
      clearInterval(timer)
      signal.removeEventListener('abort', cancel)
      taskFree(handle)
    }
  }
}

function load(file: string): LibraryHandle {
  try {
    if (koffi.config().async_stack_size !== stackBytes) koffi.config({ async_stack_size: stackBytes })
    return koffi.load(file)
  } catch (error) {
    throw missing(file, error instanceof Error ? error.message : String(error))
  }
}

function missing(file: string, why: string): PmpoolError {
  const { code, name, message } = failure('unsupported', `libpmpool could not be used (${file}): ${why}.`)
  return new PmpoolError({
    code,
    name,
    message,
    reason: 'Reports, and snapshot files without a helper, need libpmpool.',
    remedy: 'Run `npm run setup` in the source tree, or install the package of the lab again.'
  })
}

function declared(library: LibraryHandle) {
  const free = library.func('pm_ffi_free', 'void', ['void *'])
  const answer = koffi.disposable('str', free) // freed once it was copied
  return {
    version: library.func('pm_ffi_version', 'uint32', []),
    taskNew: library.func('pm_ffi_task_new', 'void *', []),
    taskCancel: library.func('pm_ffi_task_cancel', 'void', ['void *']),
    taskProgress: library.func('pm_ffi_task_progress', 'void', ['void *', 'void *']),
    taskFree: library.func('pm_ffi_task_free', 'void', ['void *']),
    describe: library.func('pm_ffi_describe', answer, ['str']),
    verify: library.func('pm_ffi_verify', answer, ['str', 'void *']),
    compare: library.func('pm_ffi_compare', answer, ['str', 'str', 'void *']),
    map: library.func('pm_ffi_map', answer, ['str', 'uint64', 'uint64', 'void *', 'size_t']),
    allocations: library.func('pm_ffi_allocations', answer, ['str', 'uint64', 'uint32']),
    page: library.func('pm_ffi_page', answer, ['str', 'uint64', 'void *']),
    export: library.func('pm_ffi_export', answer, ['str', 'str', 'str', 'void *']),
    report: library.func('pm_ffi_report', answer, ['str', 'str'])
  }
}

/** Settles when the call has returned on its own thread; rejects with a PmpoolError, always. */
function called(call: Function, ...parameters: unknown[]): Promise<unknown> {
  return new Promise((settle, refuse) => {
    call.async(...parameters, (error: unknown, text: string | null) => {
      if (error || text === null) {
        refuse(failure('internal', `libpmpool did not answer: ${error instanceof Error ? error.message : 'no memory'}`))
        return
      }
      const answer = JSON.parse(text) as Answer
      if ('error' in answer) refuse(new PmpoolError(answer.error))
      else settle(answer.ok)
    })
  })
}
