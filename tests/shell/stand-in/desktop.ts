// SPDX-License-Identifier: GPL-2.0-or-later
// The user's side: dialogs that are cancelled, a shell that opens nothing, one display, a theme, a menu to click on.
import { EventEmitter } from 'node:events'
import type { MenuItemConstructorOptions, MessageBoxReturnValue } from 'electron'
import { rawApp } from './app.ts'
import { strict } from './strict.ts'

/** A spec that expects something else puts its own function here, as one does with real Electron. */
export const dialog = strict('dialog', {
  showMessageBox: (): Promise<MessageBoxReturnValue> => Promise.resolve({ response: 0, checkboxChecked: false }),
  showErrorBox: (title: string, content: string): void => console.error(`${title}: ${content}`)
})

export const shell = strict('shell', {
  openExternal: (url: string): Promise<void> => Promise.reject(new Error(`electron stand-in: nothing opens ${url}`))
})

const area = { x: 0, y: 0, width: 1920, height: 1080 }
const display = { id: 1, bounds: area, workArea: area, workAreaSize: { width: 1920, height: 1080 }, scaleFactor: 1 }
export const screen = strict('screen', { getPrimaryDisplay: () => display, getAllDisplays: () => [display] })

type Theme = 'system' | 'light' | 'dark'

export class NativeTheme extends EventEmitter {
  #source: Theme = 'system'

  get themeSource(): Theme {
    return this.#source
  }

  set themeSource(source: Theme) {
    this.#source = source
    this.emit('updated')
  }

  get shouldUseDarkColors(): boolean {
    return this.#source === 'dark'
  }
}
export const nativeTheme = strict('nativeTheme', new NativeTheme())

export class MenuItem {
  readonly id: string
  readonly label: string
  readonly accelerator: string | undefined
  readonly submenu: Menu | undefined
  readonly #options: MenuItemConstructorOptions

  constructor(options: MenuItemConstructorOptions) {
    this.#options = options
    this.id = options.id ?? ''
    this.label = options.label ?? options.role ?? ''
    this.accelerator = options.accelerator ?? undefined
    this.submenu = Array.isArray(options.submenu) ? Menu.buildFromTemplate(options.submenu) : undefined
  }

  click(event: unknown, window: unknown): void {
    if (this.#options.click) this.#options.click(this as never, window as never, event as never)
    else if (this.#options.role === 'quit') rawApp.quit()
    else throw new Error(`electron stand-in: a click on '${this.label}' is not covered`)
  }
}

export class Menu {
  static #application: Menu | null = null
  readonly items: MenuItem[] = []

  static buildFromTemplate(template: MenuItemConstructorOptions[]): Menu {
    const menu = new Menu()
    menu.items.push(...template.map((options) => new MenuItem(options)))
    return menu
  }

  static setApplicationMenu(menu: Menu | null): void {
    Menu.#application = menu
  }

  static getApplicationMenu(): Menu | null {
    return Menu.#application
  }

  getMenuItemById(id: string): MenuItem | null {
    for (const item of this.items) {
      const found = item.id === id ? item : item.submenu?.getMenuItemById(id)
      if (found) return found
    }
    return null
  }
}
