// SPDX-License-Identifier: GPL-2.0-or-later
import { join } from 'node:path'
import { app, BrowserWindow, dialog, nativeTheme, screen, type Rectangle } from 'electron'
import { pageUrl } from './urls.ts'
import { minimumSize, readState, writeState } from './windowState.ts'

/** Shown until the page has drawn itself, and where it has not yet when the window grows. */
const backgrounds = { light: '#ffffff', dark: '#16181d' }
const background = (): string => (nativeTheme.shouldUseDarkColors ? backgrounds.dark : backgrounds.light)

/** The primary display's first. */
const workAreas = (): [Rectangle, ...Rectangle[]] => {
  const primary = screen.getPrimaryDisplay()
  const others = screen.getAllDisplays().filter(({ id }) => id !== primary.id)
  return [primary.workArea, ...others.map(({ workArea }) => workArea)]
}

/** A page that crashed: the lab behind it goes on, so loading the page again loses nothing but the view. */
async function offerReload(window: BrowserWindow, reason: string): Promise<void> {
  const { response } = await dialog.showMessageBox(window, {
    type: 'error',
    title: 'Pmpool Lab',
    message: 'The window’s content ended unexpectedly.',
    detail: `Reason: ${reason}. Hosts and runs go on; reloading shows them again.`,
    buttons: ['Reload', 'Quit'],
    defaultId: 0,
    cancelId: 0
  })
  if (response === 1) app.quit()
  else if (!window.isDestroyed()) window.webContents.reload()
}

/** @param stateFile where the window's place is kept */
export function openWindow(stateFile: string): BrowserWindow {
  const { bounds, maximized } = readState(stateFile, workAreas())
  const window = new BrowserWindow({
    ...bounds,
    minWidth: minimumSize.width,
    minHeight: minimumSize.height,
    show: false,
    title: 'Pmpool Lab',
    backgroundColor: background(),
    webPreferences: {
      preload: join(import.meta.dirname, '../preload/index.cjs'),
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInSubFrames: false,
      nodeIntegrationInWorker: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      webviewTag: false,
      spellcheck: false
    }
  })
  if (maximized) window.maximize()

  const repaint = (): void => window.setBackgroundColor(background())
  nativeTheme.on('updated', repaint)
  window.once('closed', () => nativeTheme.off('updated', repaint))
  window.once('ready-to-show', () => window.show())
  window.on('close', () => {
    try {
      writeState(stateFile, window.getNormalBounds(), window.isMaximized())
    } catch (error) {
      console.error(`The window's place was not kept: ${(error as Error).message}`)
    }
  })
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    if (reason !== 'clean-exit') void offerReload(window, reason)
  })
  void window.loadURL(pageUrl)
  return window
}

export function focusWindow(): void {
  const [window] = BrowserWindow.getAllWindows()
  if (!window) return
  if (window.isMinimized()) window.restore()
  window.show()
  window.focus()
}
