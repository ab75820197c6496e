// SPDX-License-Identifier: GPL-2.0-or-later
// The lab in a window of its own: main/lab behind, the page in front, and the rules between them in the files beside.
import { join } from 'node:path'
import { app, dialog, session } from 'electron'
import { findHelper } from '../helper/index.ts'
import { Lab } from '../lab/index.ts'
import { acceptConnections } from './ipc.ts'
import { setMenu } from './menu.ts'
import { readOptions } from './options.ts'
import { denyNavigation, denyPermissions } from './permissions.ts'
import { registerPageScheme, servePage } from './scheme.ts'
import { focusWindow, openWindow } from './window.ts'

const options = readOptions(process.argv)
const root = join(import.meta.dirname, '..', '..') // of the source tree, or of the asar archive

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

async function start(): Promise<void> {
  await app.whenReady()
  const lab = await Lab.open({
    ...options,
    mode: 'electron',
    version: app.getVersion(),
    program: findHelper({ root, resources: app.isPackaged ? process.resourcesPath : undefined })
  })
  disposeAtQuit(lab)
  denyPermissions(session.defaultSession)
  servePage(join(root, 'out', 'renderer'))
  setMenu(!app.isPackaged)
  acceptConnections((pipe) => lab.serve(pipe))
  openWindow(join(lab.dataDir, 'window.json'))
}

registerPageScheme()
app.enableSandbox()
// one application for each data directory
app.setPath('userData', join(options.dataDir, 'electron'))
if (app.requestSingleInstanceLock()) {
  denyNavigation()
  app.on('second-instance', focusWindow)
  app.on('window-all-closed', () => app.quit())
  start().catch((error: unknown) => {
    dialog.showErrorBox('Pmpool Lab cannot start', error instanceof Error ? error.message : String(error))
    app.exit(1)
  })
} else app.quit()
