// SPDX-License-Identifier: GPL-2.0-or-later
/**
 * Stands in for the `electron` module where its binary is missing: the application's real main bundle runs on Node,
 * its windows are real Chromium pages with the real preload in an isolated world. A member that is not covered throws
 * by its name; members.spec.ts holds the covered ones against electron.d.ts.
 */
import { app, rawApp } from './app.ts'
import { Browser } from './cdp.ts'
import { dialog, Menu, MenuItem, nativeTheme, screen, shell } from './desktop.ts'
import { ipcMain } from './ipc.ts'
import { MessageChannelMain } from './ports.ts'
import { protocol, session } from './session.ts'
import { BrowserWindow, running } from './window.ts'

export {
  app,
  BrowserWindow,
  dialog,
  ipcMain,
  Menu,
  MenuItem,
  MessageChannelMain,
  nativeTheme,
  protocol,
  screen,
  session,
  shell
}

const covered = {
  app,
  BrowserWindow,
  dialog,
  ipcMain,
  Menu,
  MessageChannelMain,
  nativeTheme,
  protocol,
  screen,
  session,
  shell
}
export default covered

async function start(): Promise<void> {
  const browser = await Browser.start()
  running.browser = browser
  await browser.root.send('Target.setDiscoverTargets', { discover: true })
  browser.root.on('Target.targetCreated', ({ targetInfo: { targetId, type, openerId } }) => {
    // window.open has no window in Electron when it is denied
    if (type === 'page' && openerId) void browser.root.send('Target.closeTarget', { targetId })
  })
  rawApp._isReady = true
  rawApp._ready.resolve()
  rawApp.emit('ready', {}, {})
  process.send?.({ ready: browser.endpoint })
}

/** As Playwright's ElectronApplication.evaluate: a function's source, run here with the electron module. */
async function evaluate({ id, source, arg }: { id: number; source: string; arg: unknown }): Promise<void> {
  try {
    const act = (0, eval)(`(${source})`) as (electron: typeof covered, arg: unknown) => unknown
    process.send?.({ id, value: await act(covered, arg) })
  } catch (error) {
    process.send?.({ id, error: String(error instanceof Error ? error.stack : error) })
  }
}

process.on('message', (message: Parameters<typeof evaluate>[0]) => void evaluate(message))
process.on('disconnect', () => process.exit(0))
start().catch((error: unknown) => {
  console.error('electron stand-in:', error)
  process.exit(70)
})
