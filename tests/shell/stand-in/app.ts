// SPDX-License-Identifier: GPL-2.0-or-later
import { EventEmitter } from 'node:events'
import { existsSync, mkdirSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { cancellable, strict } from './strict.ts'

interface Package {
  readonly name: string
  readonly productName?: string
  readonly version: string
}

function findPackage(folder: string): { folder: string; content: Package } {
  const file = join(folder, 'package.json')
  if (existsSync(file)) return { folder, content: JSON.parse(readFileSync(file, 'utf8')) as Package }
  if (folder === dirname(folder)) throw new Error('electron stand-in: no package.json above the main bundle')
  return findPackage(dirname(folder))
}

const { folder, content } = findPackage(dirname(resolve(process.argv[1] ?? '')))

/** Where a packaged application's resources lie; unset: it runs from its source tree, as `electron .` does. */
const packagedResources = process.env['STAND_IN_RESOURCES']
Object.assign(process, { resourcesPath: packagedResources ?? join(folder, 'node_modules/electron/dist/resources') })
if (!packagedResources) Object.assign(process, { defaultApp: true })

const running = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

export class App extends EventEmitter {
  readonly isPackaged = packagedResources !== undefined
  name = content.productName ?? content.name
  readonly #paths = new Map([
    ['temp', tmpdir()],
    ['userData', join(tmpdir(), `pmpool-shell-${process.pid}`)]
  ])
  #quitting = false
  _closeWindows: () => Promise<boolean> = () => Promise.resolve(true)
  _ready = Promise.withResolvers<void>()
  _isReady = false

  whenReady = (): Promise<void> => this._ready.promise
  isReady = (): boolean => this._isReady
  getName = (): string => this.name
  getVersion = (): string => content.version
  getAppPath = (): string => folder
  getPath = (name: string): string => {
    const path = this.#paths.get(name)
    if (path === undefined) throw new Error(`electron stand-in: app.getPath('${name}') is not covered`)
    return path
  }
  setPath = (name: string, path: string): void => void this.#paths.set(name, path)
  enableSandbox = (): void => undefined

  /** One process for each userData: the first holds a file with its process id, later ones leave theirs beside it. */
  requestSingleInstanceLock = (): boolean => {
    const place = this.getPath('userData')
    const lock = join(place, 'stand-in-lock')
    const knock = join(place, 'stand-in-second')
    mkdirSync(place, { recursive: true })
    if (existsSync(lock) && running(Number(readFileSync(lock, 'utf8')))) {
      writeFileSync(knock, JSON.stringify(process.argv))
      return false
    }
    writeFileSync(lock, String(process.pid))
    const watcher = watch(place, (_event, name) => {
      if (name !== 'stand-in-second' || !existsSync(knock)) return
      const text = readFileSync(knock, 'utf8')
      if (text === '') return // created, not yet written
      rmSync(knock, { force: true })
      this.emit('second-instance', {}, JSON.parse(text), process.cwd(), {})
    })
    process.once('exit', () => (watcher.close(), rmSync(lock, { force: true })))
    return true
  }

  quit = (): void => {
    if (this.#quitting) return
    this.#quitting = true
    void this.#quit().then((stopped) => (this.#quitting = !stopped))
  }

  /** Answers whether somebody stopped it. */
  async #quit(): Promise<boolean> {
    await Promise.resolve()
    const before = cancellable()
    this.emit('before-quit', before)
    if (before.defaultPrevented || !(await this._closeWindows())) return true
    const last = cancellable()
    this.emit('will-quit', last)
    if (last.defaultPrevented) return true
    this.exit(0)
    return false
  }

  exit = (code = 0): void => {
    this.emit('quit', {}, code)
    process.exit(code)
  }

  _allClosed(): void {
    if (this.#quitting) return
    if (this.listenerCount('window-all-closed') > 0) this.emit('window-all-closed')
    else this.quit()
  }
}

export const rawApp = new App()
export const app = strict('app', rawApp)

export function needReady(what: string): void {
  if (!rawApp._isReady) throw new Error(`${what} cannot be used before the app is ready`)
}
