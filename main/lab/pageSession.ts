// SPDX-License-Identifier: GPL-2.0-or-later
/** One page over one pipe. Everything that comes in is held against the contract before anyone sees it. */
import {
  createMessageConnection,
  ProgressType,
  ResponseError,
  type CancellationToken,
  type MessageConnection
} from 'vscode-jsonrpc/node'
import { z } from 'zod'
import { asFailure, fromWire, invalidParams, type PmpoolError } from '../api/failure.ts'
import { PipeReader, PipeWriter, type Pipe } from '../api/pipe.ts'
import {
  helperMethods,
  labMethods,
  type HelperMethod,
  type HelperParams,
  type LabMethod,
  type PageNotification,
  type PageNotificationParams
} from '../api/index.ts'
import type { Task } from '../files/index.ts'
import { labAnswers, type LabAnswers } from './answers.ts'
import type { Lab } from './lab.ts'

const WithHost = z.object({ host: z.string() })
const progressType = new ProgressType<{ done: number; total: number }>()

const isLabMethod = (method: string): method is LabMethod => Object.hasOwn(labMethods, method)
const isPassedOn = (method: string): method is Exclude<HelperMethod, 'initialize'> =>
  method !== 'initialize' && Object.hasOwn(helperMethods, method)

export class PageSession {
  readonly closed: Promise<void>
  readonly #lab: Lab
  readonly #answers: LabAnswers
  readonly #rpc: MessageConnection
  readonly #forget: (() => void)[]
  /** aborts what the page asked for and is no longer there to hear */
  readonly #gone = new AbortController()

  constructor(lab: Lab, pipe: Pipe) {
    this.#lab = lab
    this.#answers = labAnswers(lab)
    this.#rpc = createMessageConnection(new PipeReader(pipe), new PipeWriter(pipe))
    this.#forget = this.#broadcast()
    this.closed = new Promise((settle) => {
      pipe.onClose(() => {
        for (const forget of this.#forget) forget()
        this.#gone.abort()
        this.#rpc.dispose()
        settle()
      })
    })
    this.#rpc.onError(() => undefined) // the pipe closes then
    this.#rpc.onRequest(async (method: string, params: unknown, token: CancellationToken) => {
      try {
        return await this.#answer(method, params, token)
      } catch (error) {
        return responseError(asFailure(error))
      }
    })
    this.#rpc.listen()
  }

  dispose(): void {
    this.#rpc.end()
  }

  #answer(method: string, params: unknown, token: CancellationToken): unknown {
    if (isLabMethod(method)) return this.#ownAnswer(method, params, token)
    if (isPassedOn(method)) return this.#passOn(method, params, token)
    throw fromWire({ code: -32601, message: `There is no method ${JSON.stringify(method)}.` })
  }

  #ownAnswer<M extends LabMethod>(method: M, params: unknown, token: CancellationToken): Promise<unknown> {
    const { progressToken, ...rest } = parse(labMethods[method].params, params) as Record<string, unknown>
    return this.#withTask(progressToken, token, async (task) => this.#answers[method](rest as never, task))
  }

  #passOn<M extends HelperMethod>(method: M, params: unknown, token: CancellationToken): Promise<unknown> {
    const { host } = parse(WithHost, params)
    const { progressToken, ...rest } = parse(helperMethods[method].params, params) as Record<string, unknown>
    return this.#withTask(progressToken, token, (task) =>
      this.#lab.hosts.get(host).request(method, rest as HelperParams<M>, task)
    )
  }

  /** The request's own progress and end, or the page's. */
  async #withTask<T>(progressToken: unknown, token: CancellationToken, act: (task: Task) => Promise<T>): Promise<T> {
    const cancel = new AbortController()
    const watch = token.onCancellationRequested(() => cancel.abort())
    const signal = AbortSignal.any([cancel.signal, this.#gone.signal])
    const progress =
      typeof progressToken === 'string' || typeof progressToken === 'number'
        ? (value: { done: number; total: number }) =>
            this.#send(() => this.#rpc.sendProgress(progressType, progressToken, value))
        : undefined
    try {
      return await act({ progress, signal })
    } finally {
      watch.dispose()
    }
  }

  #broadcast(): (() => void)[] {
    const { hosts, runs } = this.#lab
    return [
      hosts.changed.add((host) => this.#tell('host/changed', { host: host.data })),
      hosts.removed.add((host) => this.#tell('host/removed', { host })),
      hosts.poolChanged.add((change) => this.#tell('pool/changed', change)),
      runs.changed.add((run) => this.#tell('run/changed', { run: run.data })),
      runs.removed.add((run) => this.#tell('run/removed', { run }))
    ]
  }

  #tell<N extends PageNotification>(notification: N, params: PageNotificationParams<N>): void {
    this.#send(() => this.#rpc.sendNotification(notification, params))
  }

  /** A page that has just gone needs no news. */
  #send(message: () => Promise<void>): void {
    if (!this.#gone.signal.aborted) message().catch(() => undefined)
  }
}

/** Refuses with invalid-params that name the field. */
function parse<S extends z.ZodType>(schema: S, params: unknown): z.output<S> {
  const result = schema.safeParse(params)
  if (result.success) return result.data
  const [issue] = result.error.issues
  const field = issue?.path.map(String).join('.') || 'the parameters'
  throw invalidParams(`${field}: ${issue?.message ?? 'not valid'}`)
}

function responseError(error: PmpoolError): ResponseError<unknown> {
  const { code, message, ...data } = error.toLabError()
  return new ResponseError(code, message, data)
}
