// SPDX-License-Identifier: GPL-2.0-or-later
// BrowserWindow: a page in Chromium, and a frame around it that exists as numbers only.
import { EventEmitter } from 'node:events'
import type { BrowserWindow as ElectronBrowserWindow, BrowserWindowConstructorOptions, Rectangle } from 'electron'
import { needReady, rawApp } from './app.ts'
import type { Browser } from './cdp.ts'
import { aliasOf, chromiumPermissions, rawSession } from './session.ts'
import { cancellable, strict } from './strict.ts'
import { WebContents } from './webContents.ts'

/** Set once Chromium runs. */
export const running: { browser?: Browser } = {}

function browser(): Browser {
  if (!running.browser) throw new Error('electron stand-in: Chromium does not run')
  return running.browser
}

const windows = new Map<number, BrowserWindow>()
let nextId = 1

export class BrowserWindow extends EventEmitter {
  readonly id = nextId++
  readonly webContents: WebContents
  readonly _self: ElectronBrowserWindow
  readonly #opened: Promise<void>
  #targetId = ''
  #bounds: Rectangle
  #background: string
  #visible: boolean
  #maximized = false
  #shownOnce = false

  static getAllWindows = (): ElectronBrowserWindow[] => [...windows.values()].map(({ _self }) => _self)

  constructor(options: BrowserWindowConstructorOptions = {}) {
    needReady('BrowserWindow')
    super()
    const { x = 240, y = 90, width = 800, height = 600 } = options
    this.#bounds = { x, y, width, height }
    this.#background = options.backgroundColor ?? '#FFFFFF'
    this.#visible = options.show !== false
    const contents = new WebContents(options.webPreferences ?? {})
    this.webContents = strict('webContents', contents)
    this._self = strict('browserWindow', this) as unknown as ElectronBrowserWindow
    windows.set(this.id, this)
    rawApp.emit('web-contents-created', {}, this.webContents)
    contents.on('did-finish-load', () => {
      if (this.#shownOnce) return
      this.#shownOnce = true
      this.emit('ready-to-show')
    })
    this.#opened = this.#open(contents)
    return strict('browserWindow', this)
  }

  async #open(contents: WebContents): Promise<void> {
    const { targetId } = await browser().root.send('Target.createTarget', { url: 'about:blank' })
    this.#targetId = targetId
    await contents._attach(await browser().attach(targetId), targetId)
    await this.#applySize()
  }

  async #applySize(): Promise<void> {
    const { width, height } = this.#bounds
    const metrics = { width, height, deviceScaleFactor: 1, mobile: false }
    await this.webContents._cdp.send('Emulation.setDeviceMetricsOverride', metrics)
  }

  /** Chromium asks nobody: it is told beforehand what the application would answer to this page. */
  async #applyPermissions(url: string): Promise<void> {
    const { origin } = new URL(aliasOf(url))
    if (origin === 'null') return
    for (const [permission, name] of Object.entries(chromiumPermissions)) {
      const granted = await rawSession._grants(this.webContents._self, permission as 'notifications', url)
      const setting = granted ? 'granted' : 'denied'
      await browser().root.send('Browser.setPermission', { permission: { name }, setting, origin })
    }
  }

  loadURL = async (url: string): Promise<void> => {
    await this.#opened
    await this.#applyPermissions(url)
    const contents = this.webContents
    contents._expected = url
    const loaded = new Promise((done) => contents.once('did-finish-load', done))
    const { errorText } = await contents._cdp.send('Page.navigate', { url: aliasOf(url) })
    if (errorText) throw new Error(`${errorText} loading '${url}'`)
    await loaded
    contents._expected = ''
  }

  isDestroyed = (): boolean => !windows.has(this.id)
  isVisible = (): boolean => this.#visible
  isMinimized = (): boolean => false
  isMaximized = (): boolean => this.#maximized
  show = (): void => void (this.#visible = true)
  hide = (): void => void (this.#visible = false)
  focus = (): boolean => this.emit('focus')
  maximize = (): void => void (this.#maximized = true)
  unmaximize = (): void => void (this.#maximized = false)
  getBackgroundColor = (): string => this.#background.toUpperCase()
  setBackgroundColor = (color: string): void => void (this.#background = color)
  getBounds = (): Rectangle => ({ ...this.#bounds })
  getNormalBounds = (): Rectangle => ({ ...this.#bounds })
  setBounds = (bounds: Partial<Rectangle>): void => {
    this.#bounds = { ...this.#bounds, ...bounds }
    void this.#opened.then(() => this.#applySize())
  }
  close = (): void => void this._close().then((closed) => closed && windows.size === 0 && rawApp._allClosed())

  /** Answers whether nobody prevented it. */
  async _close(): Promise<boolean> {
    const event = cancellable()
    this.emit('close', event)
    if (event.defaultPrevented) return false
    await this.#opened
    windows.delete(this.id)
    await browser().root.send('Target.closeTarget', { targetId: this.#targetId })
    this.webContents._destroy()
    this.emit('closed')
    return true
  }
}

rawApp._closeWindows = async () => {
  for (const window of [...windows.values()]) if (!(await window._close())) return false
  return true
}
