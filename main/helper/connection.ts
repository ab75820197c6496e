// SPDX-License-Identifier: GPL-2.0-or-later
/** One conversation with one `pmpool serve`. What it answers is checked against the contract before anyone uses it. */
import {
  CancellationTokenSource,
  ConnectionError,
  createMessageConnection,
  ProgressType,
  ResponseError,
  type MessageConnection
} from 'vscode-jsonrpc/node'
import { cancelled, failure, fromWire, PmpoolError } from '../api/failure.ts'
import {
  helperMethods,
  helperNotifications,
  protocolVersions,
  type HelperMethod,
  type HelperParams,
  type HelperResult
} from '../api/methods.ts'
import { FrameReader, FrameWriter } from './frames.ts'
import type { Link } from './link.ts'

export interface HelperProgress {
  readonly done: number
  readonly total: number
}

export interface HelperRequestOptions {
  readonly progress?: ((progress: HelperProgress) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

export interface OpenOptions {
  /** for messages: what is being connected to */
  readonly title: string
  readonly client: { readonly name: string; readonly version: string }
  readonly timeoutMs: number
  readonly signal?: AbortSignal
}

export interface PoolChange {
  readonly pool: string
  readonly sequence: number
}

const progressType = new ProgressType<unknown>()
const progressSchema = helperNotifications['$/progress'].params.shape.value
/** vscode-jsonrpc's own codes for a connection that has ended. */
const connectionEnded = [-32097, -32099]

export class HelperConnection {
  /** What initialize answered. */
  readonly hello: HelperResult<'initialize'>
  /** Settles with the reason when the connection has ended; never rejects. */
  readonly closed: Promise<PmpoolError>
  readonly #rpc: MessageConnection
  readonly #link: Link
  #tokens = 0

  /** Rejects with host-unreachable, version-mismatch, permission-denied, internal or cancelled; the link is ended then. */
  static async open(link: Link, options: OpenOptions): Promise<HelperConnection> {
    const { rpc, gone } = converse(link)
    const stop = new AbortController()
    const giveUp = (): void => stop.abort(cancelled())
    const timer = setTimeout(() => {
      stop.abort(failure('host-unreachable', `${options.title}: no answer within ${options.timeoutMs / 1000} s.`))
    }, options.timeoutMs)
    options.signal?.addEventListener('abort', giveUp)
    try {
      if (options.signal?.aborted) throw cancelled()
      const hello = await Promise.race([initialize(rpc, gone, options), aborted(stop.signal)])
      return new HelperConnection(rpc, link, gone, options.title, hello)
    } catch (error) {
      link.end()
      await link.ended // no attempt outlives its own failure
      throw error
    } finally {
      clearTimeout(timer)
      options.signal?.removeEventListener('abort', giveUp)
    }
  }

  private constructor(
    rpc: MessageConnection,
    link: Link,
    gone: Promise<string>,
    title: string,
    hello: HelperResult<'initialize'>
  ) {
    this.#rpc = rpc
    this.#link = link
    this.hello = hello
    this.closed = gone.then((reason) => failure('helper-gone', `${title}: ${reason}`))
  }

  /** Rejects with a PmpoolError, always. Progress gets a token of this hop's own. */
  async request<M extends HelperMethod>(
    method: M,
    params: HelperParams<M>,
    { progress, signal }: HelperRequestOptions = {}
  ): Promise<HelperResult<M>> {
    if (signal?.aborted) throw cancelled()
    const source = new CancellationTokenSource()
    const cancel = (): void => source.cancel()
    const progressToken = progress && `lab-${this.#tokens++}`
    const watch =
      progress &&
      progressToken &&
      this.#rpc.onProgress(progressType, progressToken, (value) => {
        const seen = progressSchema.safeParse(value)
        if (seen.success) progress(seen.data)
      })
    signal?.addEventListener('abort', cancel)
    try {
      const sent = progressToken ? { ...params, progressToken } : params
      return checked(method, await this.#rpc.sendRequest<unknown>(method, sent, source.token))
    } catch (error) {
      throw await this.#refusal(error)
    } finally {
      signal?.removeEventListener('abort', cancel)
      if (watch) watch.dispose()
      source.dispose()
    }
  }

  onPoolChanged(listener: (change: PoolChange) => void): void {
    this.#rpc.onNotification('pool/changed', (params: unknown) => {
      const change = helperNotifications['pool/changed'].params.safeParse(params)
      if (change.success) listener(change.data)
    })
  }

  /** Ends the helper and waits for it. */
  async close(): Promise<void> {
    this.#link.end()
    await this.closed
  }

  async #refusal(error: unknown): Promise<PmpoolError> {
    if (error instanceof PmpoolError) return error
    if (!hasEnded(error) && error instanceof ResponseError) return fromWire(error)
    this.#link.end()
    return this.closed
  }
}

const hasEnded = (error: unknown): boolean =>
  error instanceof ConnectionError || (error instanceof ResponseError && connectionEnded.includes(error.code))

/** JSON-RPC over a link. `gone` settles with the reason when the link has ended or talks something else. */
function converse(link: Link): { rpc: MessageConnection; gone: Promise<string> } {
  const reader = new FrameReader(link.input)
  let garbled: string | undefined
  const giveUp = (why: string): void => {
    garbled ??= `it does not speak the protocol: ${why}`
    link.input.destroy() // whatever else it says is not even taken in
    link.end()
  }
  const rpc = createMessageConnection(reader, new FrameWriter(link.output))
  reader.onError((error) => giveUp(error.message))
  rpc.onError(() => undefined) // a failed write rejects its request
  rpc.onClose(() => link.end())
  const gone = link.ended.then(({ reason }) => {
    rpc.dispose()
    return garbled ?? reason
  })
  rpc.listen()
  return { rpc, gone }
}

async function initialize(
  rpc: MessageConnection,
  gone: Promise<string>,
  { title, client }: OpenOptions
): Promise<HelperResult<'initialize'>> {
  const ours = { protocol: protocolVersions, client }
  let answer: unknown
  try {
    answer = await rpc.sendRequest('initialize', ours)
  } catch (error) {
    if (!hasEnded(error) && error instanceof ResponseError) throw fromWire(error)
    const reason = await gone
    const refused = /not authorized|authentication.*(failed|cancel)|request dismissed/i.test(reason)
    throw failure(refused ? 'permission-denied' : 'host-unreachable', `${title}: ${reason}`)
  }
  const { protocol } = (answer ?? {}) as { protocol?: unknown }
  if (!protocolVersions.some((version) => version === protocol)) {
    throw failure('version-mismatch', `${title} answers protocol ${JSON.stringify(protocol)}.`)
  }
  return checked('initialize', answer)
}

/** A result that fits the contract; else the helper is not the one that this lab was made for. */
function checked<M extends HelperMethod>(method: M, answer: unknown): HelperResult<M> {
  const result = helperMethods[method].result.safeParse(answer)
  if (result.success) return result.data as HelperResult<M>
  const issue = result.error.issues[0]
  const where = issue?.path.map(String).join('.') || 'the result'
  throw failure('internal', `${method}: the helper's answer does not fit the protocol at ${where}: ${issue?.message}`)
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_settle, refuse) => {
    signal.addEventListener('abort', () => refuse(signal.reason as Error))
  })
}
