// SPDX-License-Identifier: GPL-2.0-or-later
// The lab in a window of its own: main/lab behind, the page in front, and the rules between them in the files beside.
import { join } from 'node:path'
import { app, dialog, session } from 'electron'
import { findLibrary } from '../files/index.ts'
import { findHelper } from '../helper/index.ts'
import { defaultDataDirectory, Lab } from '../lab/index.ts'
import { acceptConnections } from './ipc.ts'
import { setMenu } from './menu.ts'
import { readOptions } from './options.ts'
import { denyNavigation, denyPermissions } from './permissions.ts'
import { registerPageScheme, servePage } from './scheme.ts'
import { focusWindow, openWindow } from './window.ts'

/** Of the source tree, or of the asar archive: the bundle lies two folders below it. */
const root = join(import.meta.dirname, '..', '..')

/** Ends the lab, and with it its helpers, before the application goes. */
function disposeAtQuit(lab: Lab): void {
  let disposed = false
  app.on('will-quit', (event) => {
    if (disposed) return
    event.preventDefault()
    void lab.dispose().finally(() => {
      disposed = true
      app.quit()
    })
  })
}

async function openLab(options: ReturnType<typeof readOptions>): Promise<Lab> {
  const resources = app.isPackaged ? process.resourcesPath : undefined
  const lab = await Lab.open({
    mode: 'electron',
    version: app.getVersion(),
    dataDir: options.data,
    program: options.helper ?? findHelper({ root, resources }),
    library: findLibrary({ root, resources }),
    simulated: options.simulated,
    regionSize: options.regionSize,
    sshConfigFile: options.sshConfig,
    sshTargets: options.hosts
  })
  disposeAtQuit(lab)
  return lab
}

async function start(): Promise<void> {
  const options = readOptions(process.argv)
  registerPageScheme()
  app.enableSandbox()
  // one application for each data directory
  app.setPath('userData', join(options.data ?? defaultDataDirectory(), 'electron'))
  if (!app.requestSingleInstanceLock()) return app.quit()
  denyNavigation()
  app.on('second-instance', focusWindow)
  app.on('window-all-closed', () => app.quit())

  await app.whenReady()
  const lab = await openLab(options)
  denyPermissions(session.defaultSession)
  servePage(join(root, 'out', 'renderer'))
  setMenu(!app.isPackaged)
  acceptConnections((pipe) => lab.serve(pipe))
  openWindow(join(lab.dataDir, 'window.json'))
}

start().catch((error: unknown) => {
  dialog.showErrorBox('Pmpool Lab cannot start', error instanceof Error ? error.message : String(error))
  app.exit(1)
})
