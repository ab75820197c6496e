// SPDX-License-Identifier: GPL-2.0-or-later
/**
 * The page's typed side of the contract. Imports only types of it, so that no schema code reaches the page.
 * As with pipe.ts, the importer loads `vscode-jsonrpc/browser` (or `/node` in a test) first.
 */
import {
  CancellationTokenSource,
  ConnectionError,
  createMessageConnection,
  ProgressType,
  ResponseError
} from 'vscode-jsonrpc'
import type { MessageConnection } from 'vscode-jsonrpc'
import { asFailure, cancelled, fromWire, type PmpoolError } from './failure.ts'
import type { PageMethod, PageNotification, PageNotificationParams, PageParams, PageResult } from './methods.ts'
import { PipeReader, PipeWriter, type Pipe } from './pipe.ts'

export interface Progress {
  readonly done: number
  readonly total: number
}

export interface RequestOptions {
  /** Bytes done; a fresh progressToken goes with the request, leave it out of the parameters. */
  readonly progress?: (progress: Progress) => void
  /** Aborting it sends $/cancelRequest; the request then fails with the error `cancelled`, or has just succeeded. */
  readonly signal?: AbortSignal
}

const progressType = new ProgressType<Progress>()
type Listener = (params: never) => void

export class PageConnection {
  /** Settles when the connection has ended, by either side. */
  readonly closed: Promise<void>
  readonly #connection: MessageConnection
  readonly #listeners = new Map<string, Set<Listener>>()
  #tokens = 0

  constructor(pipe: Pipe) {
    this.#connection = createMessageConnection(new PipeReader(pipe), new PipeWriter(pipe))
    this.closed = new Promise((settle) => {
      pipe.onClose(() => {
        this.#connection.dispose() // rejects what is still under way
        settle()
      })
    })
    this.#connection.onError(() => undefined) // a broken pipe closes; whoever waits learns it from its request
    this.#connection.onNotification((method, params) => {
      for (const listener of this.#listeners.get(method) ?? []) listener(params as never)
    })
    this.#connection.listen()
  }

  /** Rejects with a PmpoolError, always. */
  async request<M extends PageMethod>(
    method: M,
    params: PageParams<M>,
    { progress, signal }: RequestOptions = {}
  ): Promise<PageResult<M>> {
    if (signal?.aborted) throw cancelled()
    const source = new CancellationTokenSource()
    const cancel = (): void => source.cancel()
    const progressToken = progress && `page-${this.#tokens++}`
    const watch = progress && progressToken && this.#connection.onProgress(progressType, progressToken, progress)
    signal?.addEventListener('abort', cancel)
    try {
      const sent = progressToken ? { ...params, progressToken } : params
      return await this.#connection.sendRequest<PageResult<M>>(method, sent, source.token)
    } catch (error) {
      throw requestError(error)
    } finally {
      signal?.removeEventListener('abort', cancel)
      if (watch) watch.dispose()
      source.dispose()
    }
  }

  /** Answers the function that stops listening. */
  on<N extends PageNotification>(notification: N, listener: (params: PageNotificationParams<N>) => void): () => void {
    const listeners = this.#listeners.get(notification) ?? new Set()
    this.#listeners.set(notification, listeners.add(listener))
    return () => void listeners.delete(listener)
  }

  dispose(): void {
    this.#connection.end()
  }
}

function requestError(error: unknown): PmpoolError {
  if (error instanceof ResponseError) return fromWire(error)
  // the connection had ended before the request could leave
  if (error instanceof ConnectionError) return fromWire({ code: -32099, message: error.message })
  return asFailure(error)
}
