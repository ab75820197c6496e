// SPDX-License-Identifier: GPL-2.0-or-later
import { randomUUID } from 'node:crypto'
import { EventEmitter } from 'node:events'
import { readFileSync } from 'node:fs'
import type {
  HandlerDetails,
  WebContents as ElectronWebContents,
  WebPreferences,
  WindowOpenHandlerResponse
} from 'electron'
import type { Session } from './cdp.ts'
import { rawIpc } from './ipc.ts'
import { Carrier } from './ports.ts'
import { answerRequests } from './requests.ts'
import { realUrl, session } from './session.ts'
import { strict } from './strict.ts'
import { makeWire } from './wire.ts'
import { isolatedScript, isolatedWorld, pageScript, type PageMessage } from './worlds.ts'

const wire = makeWire()

/** What Electron takes for preferences that are not given. */
const usualPreferences = {
  sandbox: true,
  contextIsolation: true,
  nodeIntegration: false,
  nodeIntegrationInSubFrames: false,
  nodeIntegrationInWorker: false,
  webSecurity: true,
  allowRunningInsecureContent: false,
  webviewTag: false
}

/** The page always runs sandboxed and isolated here: anything else would not be what the application asked for. */
function checkPreferences(preferences: WebPreferences): void {
  for (const [name, value] of Object.entries(usualPreferences)) {
    const wanted: unknown = preferences[name as keyof WebPreferences]
    if (wanted !== undefined && wanted !== value) {
      throw new Error(`electron stand-in: webPreferences.${name}: ${JSON.stringify(wanted)} is not covered`)
    }
  }
}

let nextId = 1

export class WebContents extends EventEmitter {
  readonly id = nextId++
  readonly session = session.defaultSession
  readonly mainFrame
  readonly _self: ElectronWebContents
  readonly _carrier = new Carrier((message) => this.#deliver(message))
  readonly #preferences: WebPreferences
  #cdp: Session | undefined
  #isolated = 0
  #url = 'about:blank'
  #destroyed = false
  #openHandler: ((details: HandlerDetails) => WindowOpenHandlerResponse) | undefined
  /** where the application itself sends the page: no guard is asked */
  _expected = ''

  constructor(preferences: WebPreferences) {
    super()
    checkPreferences(preferences)
    this.#preferences = { ...usualPreferences, ...preferences }
    this._self = strict('webContents', this) as unknown as ElectronWebContents
    const url = (): string => this.getURL()
    this.mainFrame = {
      get url() {
        return url()
      },
      get origin() {
        return new URL('/', url()).href.slice(0, -1)
      },
      parent: null
    }
  }

  get _cdp(): Session {
    if (!this.#cdp) throw new Error('electron stand-in: the page is not there yet')
    return this.#cdp
  }

  getURL = (): string => realUrl(this.#url)
  getLastWebPreferences = (): WebPreferences => this.#preferences
  isDestroyed = (): boolean => this.#destroyed
  setWindowOpenHandler = (handler: (details: HandlerDetails) => WindowOpenHandlerResponse): void => {
    this.#openHandler = handler
  }
  send = (channel: string, ...args: unknown[]): void => this.#deliver({ t: 'send', channel, args })
  postMessage = (channel: string, message: unknown, transfer: unknown[] = []): void =>
    this.#deliver({ t: 'send', channel, args: [message], ports: transfer.map((port) => this._carrier.give(port)) })
  reload = (): void => {
    this._expected = this.getURL()
    void this._cdp.send('Page.reload')
  }
  forcefullyCrashRenderer = (): void => void this._cdp.send('Page.crash').catch(() => undefined)
  executeJavaScript = async (expression: string): Promise<unknown> => {
    const { result, exceptionDetails } = await this._cdp.send('Runtime.evaluate', {
      expression,
      awaitPromise: true,
      returnByValue: true
    })
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text)
    return result.value as unknown
  }

  #deliver(message: PageMessage): void {
    if (!this.#isolated) return // as in Electron: nobody there to hear it
    const expression = `standInDeliver(${JSON.stringify(wire.encode(message))})`
    this._cdp.send('Runtime.evaluate', { expression, contextId: this.#isolated }).then(
      ({ exceptionDetails }) => exceptionDetails && console.error(exceptionDetails.exception?.description),
      () => undefined // the page went away meanwhile
    )
  }

  #receive(text: string): void {
    const message = wire.decode(text) as PageMessage
    if (message.t !== 'send') return this._carrier.receive(message)
    const event = { sender: this._self, senderFrame: this.mainFrame, ports: [] }
    rawIpc.emit(message.channel, event, ...message.args)
  }

  /** Puts the preload into every document to come and listens to what the page does. */
  async _attach(cdp: Session, targetId: string): Promise<void> {
    this.#cdp = cdp
    this.#watch(cdp, targetId)
    answerRequests(this, cdp, targetId)
    const secret = randomUUID()
    const { preload } = this.#preferences
    const source = preload ? readFileSync(preload, 'utf8') : ''
    if (/^\s*import\s/m.test(source)) throw new Error(`a sandboxed preload must be CommonJS: ${preload}`)
    await Promise.all([
      cdp.send('Page.enable'),
      cdp.send('Runtime.enable'),
      cdp.send('Inspector.enable'),
      cdp.send('Runtime.addBinding', { name: 'standInLeave', executionContextName: isolatedWorld }),
      cdp.send('Page.addScriptToEvaluateOnNewDocument', { source: pageScript(secret) }),
      cdp.send('Page.addScriptToEvaluateOnNewDocument', {
        source: isolatedScript(secret, source),
        worldName: isolatedWorld
      }),
      cdp.send('Fetch.enable', { patterns: [{ urlPattern: '*' }] })
    ])
  }

  #watch(cdp: Session, targetId: string): void {
    cdp.on('Runtime.executionContextCreated', ({ context }) => {
      const { frameId } = context.auxData as { frameId?: string }
      if (frameId === targetId && context.name === isolatedWorld) this.#isolated = context.id
    })
    cdp.on('Runtime.executionContextsCleared', () => {
      this.#isolated = 0
      this._carrier.dispose()
    })
    cdp.on('Runtime.bindingCalled', ({ name, payload }) => {
      if (name === 'standInLeave') this.#receive(payload)
    })
    cdp.on('Runtime.consoleAPICalled', ({ args }) => {
      const text = args.map(({ value, description }) => String(value ?? description)).join(' ')
      if (text.startsWith('Unable to load preload script')) console.error(text)
    })
    cdp.on('Page.frameNavigated', ({ frame }) => {
      if (!frame.parentId) this.#url = frame.url
    })
    cdp.on('Page.loadEventFired', () => this.emit('did-finish-load', {}))
    cdp.on('Page.windowOpen', ({ url, windowName }) => this.#askToOpen(realUrl(url), windowName))
    cdp.on('Inspector.targetCrashed', () => {
      this.#isolated = 0
      this._carrier.dispose()
      this.emit('render-process-gone', {}, { reason: 'crashed', exitCode: 1 })
    })
  }

  #askToOpen(url: string, frameName: string): void {
    const details = {
      url,
      frameName,
      features: '',
      disposition: 'new-window' as const,
      referrer: { url: '', policy: 'default' as const }
    }
    const { action } = this.#openHandler?.(details) ?? { action: 'allow' }
    if (action === 'allow') throw new Error(`electron stand-in: a window for ${url}: only denied windows are covered`)
  }

  _destroy(): void {
    this.#destroyed = true
    this._carrier.dispose()
    this.emit('destroyed')
  }
}
