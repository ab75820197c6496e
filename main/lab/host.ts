// SPDX-License-Identifier: GPL-2.0-or-later
/** One configured host: connected, or on the way there again. */
import type * as api from '../api/index.ts'
import { asFailure, failure } from '../api/failure.ts'
import { HelperConnection, openLink } from '../helper/index.ts'
import type { HelperOptions, HelperRequestOptions } from '../helper/index.ts'
import { Listeners } from './listeners.ts'

export interface HostOptions extends HelperOptions {
  readonly version: string
}

/** Back-off between attempts, doubling. A host that is away on purpose is looked for more often. */
const firstDelayMs = 200
const longestDelayMs = 5000
const longestAwayDelayMs = 1000
/** A connection that lasted this long was a good one: the next break starts with the first delay again. */
const settledMs = 5000
/** ssh has its own, shorter time-out; pkexec waits for somebody to type a password. */
const openTimeoutMs = 30_000
const pkexecTimeoutMs = 180_000

export class Host {
  readonly id: string
  readonly title: string
  readonly changes = new Listeners<undefined>()
  readonly poolChanges = new Listeners<{ pool: string; sequence: number }>()
  readonly #options: HostOptions
  readonly #closing = new AbortController()
  #transport: api.Transport
  #state: api.HostState = 'connecting'
  #info: api.HostInfo | null = null
  #error: api.LabError | null = null
  #connection: HelperConnection | undefined
  #connectedAt = 0
  /** boot id that the host is leaving */
  #leaving: string | undefined
  #wake: () => void = () => undefined
  #loop: Promise<void> | undefined

  constructor(id: string, title: string, transport: api.Transport, options: HostOptions) {
    this.id = id
    this.title = title
    this.#transport = transport
    this.#options = options
  }

  get data(): api.Host {
    return {
      id: this.id,
      title: this.title,
      transport: this.#transport,
      state: this.#state,
      info: this.#info,
      error: this.#error
    }
  }

  get state(): api.HostState {
    return this.#state
  }

  get info(): api.HostInfo | null {
    return this.#info
  }

  /** The helper's process on the host; null without a connection. */
  get helperPid(): number | null {
    return this.#connection?.hello.helper.pid ?? null
  }

  /** When initialize was answered last, in milliseconds since 1970. */
  get connectedAt(): number {
    return this.#connectedAt
  }

  get transport(): api.Transport {
    return this.#transport
  }

  /** From the next attempt on. */
  set transport(transport: api.Transport) {
    this.#transport = transport
  }

  /** Connects, and keeps trying until closed; but see pkexec. */
  open(): void {
    this.#loop ??= this.#keepConnected()
  }

  async close(): Promise<void> {
    this.#closing.abort()
    this.#wake()
    await this.#connection?.close()
    await this.#loop
    this.#become('closed', null)
  }

  /** Ends the wait between two attempts. */
  retry(): void {
    if (this.#state === 'lost') this.#become('connecting', this.#error)
    this.#wake()
  }

  request<M extends api.HelperMethod>(
    method: M,
    params: api.HelperParams<M>,
    options?: HelperRequestOptions
  ): Promise<api.HelperResult<M>> {
    if (this.#connection) return this.#connection.request(method, params, options)
    const why = this.#state === 'away' ? 'is away: a kexec is under way' : 'is not connected'
    return Promise.reject(failure('host-unreachable', `${this.title} ${why}.`))
  }

  /** A kexec of ours ends this boot: until another boot answers, the host is away rather than lost. */
  expectAway(bootId: string): void {
    this.#leaving = bootId
  }

  /** The kexec did not happen after all: the host is what its connection is. */
  expectNothing(): void {
    this.#leaving = undefined
    if (this.#state === 'away') this.#become(this.#connection ? 'connected' : 'lost', this.#error)
  }

  /** Settles when a change makes `ready` true, or it is already; rejects when the signal aborts. */
  until(ready: () => boolean, signal: AbortSignal): Promise<void> {
    return new Promise((settle, refuse) => {
      const look = (): void => {
        if (!ready()) return
        stop()
        settle()
      }
      const aborted = (): void => {
        stop()
        refuse(asFailure(signal.reason))
      }
      const stop = (): void => {
        forget()
        signal.removeEventListener('abort', aborted)
      }
      const forget = this.changes.add(look)
      signal.addEventListener('abort', aborted)
      if (signal.aborted) aborted()
      else look()
    })
  }

  async #keepConnected(): Promise<void> {
    let delay = firstDelayMs
    while (!this.#closing.signal.aborted) {
      const before = this.#connectedAt
      const error = await this.#connectOnce()
      if (this.#closing.signal.aborted) return
      const wasMade = this.#connectedAt !== before
      if (wasMade && Date.now() - this.#connectedAt > settledMs) delay = firstDelayMs
      const away = this.#leaving !== undefined
      this.#become(away ? 'away' : 'lost', error)
      // each attempt asks somebody for a password: not again before they want it
      if (this.#transport.kind === 'pkexec' && !wasMade) await this.#pause()
      else await this.#pause(Math.min(delay, away ? longestAwayDelayMs : longestDelayMs))
      delay = Math.min(delay * 2, longestDelayMs)
    }
  }

  /** One connection from attempt to end; answers why it ended or was not made. */
  async #connectOnce(): Promise<api.LabError> {
    try {
      const connection = await HelperConnection.open(openLink(this.#transport, this.#options), {
        title: this.title,
        client: { name: 'pmpool-lab', version: this.#options.version },
        timeoutMs: this.#transport.kind === 'pkexec' ? pkexecTimeoutMs : openTimeoutMs,
        signal: this.#closing.signal
      })
      this.#connected(connection)
      const why = await connection.closed
      this.#connection = undefined
      return why.toLabError()
    } catch (error) {
      return asFailure(error).toLabError()
    }
  }

  #connected(connection: HelperConnection): void {
    this.#connection = connection
    this.#connectedAt = Date.now()
    this.#info = connection.hello.host
    connection.onPoolChanged((change) => this.poolChanges.tell(change))
    const sameBoot = this.#leaving === this.#info.bootId
    if (!sameBoot) this.#leaving = undefined
    this.#become(sameBoot ? 'away' : 'connected', null)
  }

  /** Until woken, or the time is over. */
  #pause(ms?: number): Promise<void> {
    return new Promise((settle) => {
      const timer = ms === undefined ? undefined : setTimeout(settle, ms)
      this.#wake = () => {
        clearTimeout(timer)
        settle()
      }
    })
  }

  #become(state: api.HostState, error: api.LabError | null): void {
    this.#state = state
    this.#error = error
    this.changes.tell(undefined)
  }
}
