// SPDX-License-Identifier: GPL-2.0-or-later
/**
 * One kexec from plan to verdict. Each step is on disk before its act begins, so that a lab that was restarted knows
 * what may have happened: before `jumping` nothing has, from there on the host decides.
 */
import type * as api from '../api/index.ts'
import { asFailure, cancelled, failure, isCancelled, type PmpoolError } from '../api/failure.ts'
import { helperMethods } from '../api/methods.ts'
import type { HelperProgress } from '../helper/index.ts'
import type { Host } from './host.ts'

export interface RunSurroundings {
  /** throws host-not-found */
  readonly host: () => Host
  /** a step was taken: to be kept and told; throws when an act waits for it and it cannot be kept */
  readonly moved: (run: Run) => void
  /** only progress changed: to be told */
  readonly progressed: (run: Run) => void
  /** how long a host may be away */
  readonly awayLimitMs: number
}

/** A verdict only reads: it is asked for again when the helper ends meanwhile. */
const verdictAttempts = 3
const ended: readonly api.RunState[] = ['done', 'failed', 'cancelled']
const cancellable: readonly api.RunState[] = ['expecting', 'loading', 'armed']
const beyondJump: readonly api.RunState[] = ['jumping', 'away', 'verifying']
/** On disk before the next act begins; any other step only tells what has happened. */
const keptFirst: readonly api.RunState[] = ['planned', 'expecting', 'loading', 'armed', 'jumping']
/** How a broken connection shows: during a request, and before one. */
const cutOff: readonly string[] = ['helper-gone', 'host-unreachable']

export class Run {
  #data: api.Run
  readonly #around: RunSurroundings
  readonly #cancel = new AbortController()
  /** the lab ends: leave everything as it stands on disk */
  readonly #leave = new AbortController()
  #work: Promise<void> = Promise.resolve()

  constructor(data: api.Run, around: RunSurroundings) {
    this.#data = data
    this.#around = around
  }

  get data(): api.Run {
    return this.#data
  }

  get hasEnded(): boolean {
    return ended.includes(this.#data.state)
  }

  /** Loading was begun. */
  get #mayBeLoaded(): boolean {
    return this.#data.state === 'loading' || this.#data.steps.some(({ state }) => state === 'loading')
  }

  /** Between start and end. */
  get isUnderWay(): boolean {
    return !this.hasEnded && this.#data.state !== 'planned'
  }

  get mustBeKept(): boolean {
    return keptFirst.includes(this.#data.state)
  }

  /** Refuses with run-state, preflight-failed, host-not-found or host-unreachable; then goes on by itself. */
  start(acceptWarnings: boolean): void {
    this.#mayStart(acceptWarnings)
    this.#move('expecting')
    this.#work = this.#lead(async () => {
      const expectation = await this.#expect()
      this.#move('loading', { expectation })
      await this.#load()
      await this.#jump(expectation)
      await this.#arrive(true)
    })
  }

  /** As start, but only up to the loaded kernel: `jump` goes on. The expectation is written then, not before. */
  arm(acceptWarnings: boolean): void {
    this.#mayStart(acceptWarnings)
    this.#move('loading')
    this.#work = this.#lead(async () => {
      await this.#load()
      this.#cancel.signal.throwIfAborted()
      this.#move('armed')
    })
  }

  /** Of an armed run. Refuses with run-state or host-unreachable. */
  jump(): void {
    if (this.#data.state !== 'armed') throw this.#stateError('is not armed')
    this.#mustBeAsPlanned()
    this.#move('expecting')
    this.#work = this.#lead(async () => {
      await this.#jump(await this.#expect())
      await this.#arrive(true)
    })
  }

  /** Refuses with run-state from the jump on. What was loaded is unloaded before this settles. */
  async cancel(): Promise<void> {
    if (this.#data.state === 'planned') return this.#move('cancelled')
    if (!cancellable.includes(this.#data.state)) throw this.#stateError('can no longer be cancelled')
    this.#cancel.abort(cancelled())
    await this.#work
    if (this.#data.state === 'armed') await this.#stop(cancelled()) // nothing was under way
    if (this.#data.state !== 'cancelled') throw this.#stateError('could not be cancelled any more')
  }

  /** After a restart of the lab. */
  resume(): void {
    const { state, plan } = this.#data
    if (beyondJump.includes(state)) {
      this.#host().expectAway(plan.bootId)
      this.#work = this.#lead(() => this.#arrive(false))
    } else if (this.isUnderWay && state !== 'armed') {
      const mayBeLoaded = this.#mayBeLoaded
      this.#fail(failure('run-state', `The lab ended while this run was ${state}; the jump had not begun.`))
      if (mayBeLoaded) this.#work = this.#unloadLater()
    }
  }

  /** Nothing can go on: its host was forgotten. */
  abandon(error: PmpoolError): void {
    this.#fail(error)
  }

  /** The lab ends. */
  async leave(): Promise<void> {
    this.#leave.abort(cancelled())
    await this.#work
  }

  #mayStart(acceptWarnings: boolean): void {
    const { state, plan } = this.#data
    if (state !== 'planned') throw this.#stateError('cannot be started')
    this.#mustBeAsPlanned()
    const titles = (level: api.KexecPlan['checks'][number]['level']): string =>
      plan.checks.flatMap((check) => (check.level === level ? check.title : [])).join('; ')
    const failed = titles('fail')
    if (failed) throw failure('preflight-failed', `Checks of the plan failed: ${failed}.`)
    const warnings = acceptWarnings ? '' : titles('warn')
    if (warnings) throw failure('preflight-failed', `The plan has warnings that nobody accepted: ${warnings}.`)
  }

  #mustBeAsPlanned(): void {
    const host = this.#host()
    if (host.state !== 'connected' || !host.info) {
      throw failure('host-unreachable', `${host.title} is not connected.`)
    }
    if (host.info.bootId !== this.#data.plan.bootId) {
      throw failure('run-state', `${host.title} was started again since this plan was made. Plan anew.`)
    }
  }

  async #expect(): Promise<api.Expectation> {
    const { plan, content, pattern } = this.#data
    const expectation = await this.#request(
      'expectation/create',
      { pool: plan.pool, nonce: plan.nonce, content, pattern },
      this.#cancel.signal
    )
    this.#cancel.signal.throwIfAborted()
    return expectation
  }

  async #load(): Promise<void> {
    await this.#request('kexec/load', { plan: this.#data.plan })
  }

  async #jump(expectation: api.Expectation): Promise<void> {
    const { pool, bootId, nonce } = this.#data.plan
    const host = this.#host()
    this.#cancel.signal.throwIfAborted()
    this.#move('jumping', { expectation })
    host.expectAway(bootId)
    try {
      await this.#request('kexec/jump', { pool, bootId, nonce })
    } catch (error) {
      // the kernel may be gone before its answer is out
      if (asFailure(error).name !== 'helper-gone') throw error
    }
    this.#move('away')
  }

  /** Waits for another boot and holds it against the expectation. */
  async #arrive(watched: boolean): Promise<void> {
    const host = this.#host()
    const { bootId } = this.#data.plan
    const { expectation } = this.#data
    if (!expectation) throw failure('internal', 'The run has no expectation.')
    const back = (): boolean => host.state === 'connected' && host.info?.bootId !== bootId
    const inTime = await this.#waitFor(back)
    if (!inTime) {
      host.expectNothing()
      const minutes = Math.round(this.#around.awayLimitMs / 60_000)
      if (host.state !== 'connected') {
        throw failure('host-unreachable', `${host.title} did not come back within ${minutes} min.`)
      }
      await this.#unload(bootId)
    }
    // what a restarted lab did not see begin, or end, it cannot time
    const wentAway = this.#data.steps.findLast(({ state }) => state === 'away')?.at
    const downtimeMs =
      watched && inTime && wentAway !== undefined ? Math.max(0, host.connectedAt - wentAway) : this.#data.downtimeMs
    this.#move('verifying', { downtimeMs })
    const verdict = await this.#verdict(expectation.id)
    if (verdict.expectation !== expectation.id || verdict.pool !== this.#data.pool) {
      throw failure('internal', `${host.title} answered with the verdict on another pool.`)
    }
    this.#move('done', { verdict })
  }

  async #verdict(expectation: string): Promise<api.Verdict> {
    const host = this.#host()
    for (let attempt = 1; ; attempt++) {
      const { connectedAt } = host
      try {
        return await this.#request('verdict/reach', { expectation })
      } catch (error) {
        if (attempt === verdictAttempts || !cutOff.includes(asFailure(error).name)) throw error
        const again = (): boolean => host.state === 'connected' && host.connectedAt !== connectedAt
        if (!(await this.#waitFor(again))) throw error
      }
    }
  }

  /** false when the limit passed first. */
  async #waitFor(ready: () => boolean): Promise<boolean> {
    const limit = AbortSignal.timeout(this.#around.awayLimitMs)
    try {
      await this.#host().until(ready, AbortSignal.any([limit, this.#leave.signal]))
      return true
    } catch (error) {
      if (limit.aborted && !this.#leave.signal.aborted) return false
      throw error
    }
  }

  async #lead(steps: () => Promise<void>): Promise<void> {
    try {
      await steps()
    } catch (error) {
      if (this.#leave.signal.aborted) return
      await this.#stop(asFailure(error))
    }
  }

  async #stop(error: PmpoolError): Promise<void> {
    const { state, plan } = this.#data
    if (beyondJump.includes(state)) this.#host().expectNothing()
    const unloadError = this.#mayBeLoaded ? await this.#unload(plan.bootId) : null
    if (isCancelled(error) && cancellable.includes(state)) this.#move('cancelled', { error: unloadError })
    else this.#fail(error)
  }

  /** Only in the boot that it was loaded in; null when nothing stays loaded. */
  async #unload(bootId: string): Promise<api.LabError | null> {
    const host = this.#host()
    try {
      if (host.info?.bootId === bootId) await host.request('kexec/unload', {})
      return null
    } catch (cause) {
      const error = asFailure(cause)
      if (cutOff.includes(error.name)) this.#work = this.#unloadLater()
      return error.toLabError()
    }
  }

  /** A kernel that stays loaded would turn the next reboot into a kexec. */
  async #unloadLater(): Promise<void> {
    try {
      await this.#host().until(() => this.#host().state === 'connected', this.#leave.signal)
      await this.#unload(this.#data.plan.bootId)
    } catch {
      // the host is gone for good, or the lab ends: nobody is left to tell
    }
  }

  #request<M extends api.HelperMethod>(
    method: M,
    params: api.HelperParams<M>,
    signal?: AbortSignal
  ): Promise<api.HelperResult<M>> {
    const isLong = 'progressToken' in helperMethods[method].params.shape
    const progress = isLong ? (at: HelperProgress): void => this.#progress(at) : undefined
    return this.#host().request(method, params, { signal, progress })
  }

  #progress(progress: HelperProgress): void {
    this.#data = { ...this.#data, progress }
    this.#around.progressed(this)
  }

  #host(): Host {
    return this.#around.host()
  }

  #fail(error: PmpoolError): void {
    this.#move('failed', { error: error.toLabError(), failedAt: this.#data.state })
  }

  #move(state: api.RunState, more: Partial<api.Run> = {}): void {
    const before = this.#data
    const steps = [...before.steps, { state, at: Date.now() }]
    this.#data = { ...before, progress: null, ...more, state, steps }
    try {
      this.#around.moved(this)
    } catch (error) {
      this.#data = before
      throw error
    }
  }

  #stateError(what: string): PmpoolError {
    return failure('run-state', `The run is ${this.#data.state}: it ${what}.`)
  }
}
