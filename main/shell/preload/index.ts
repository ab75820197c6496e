// SPDX-License-Identifier: GPL-2.0-or-later
// All that the page gets from the shell: verbs only, no channel names and no Electron objects.
import { contextBridge, ipcRenderer } from 'electron'
import { channels, type MenuCommand } from '../commands.ts'

// a MessagePort cannot cross the context bridge, window.postMessage carries it
ipcRenderer.on(channels.port, ({ ports }) => window.postMessage({ type: 'pmpool-port' }, location.origin, [...ports]))

const api = {
  platform: process.platform,
  /** Asks for a connection to the lab; it arrives as a message {type: 'pmpool-port'} with one port. */
  connect: (): void => ipcRenderer.send(channels.connect),
  onMenu: (callback: (command: MenuCommand) => void): void => {
    ipcRenderer.on(channels.menu, (_event, command: MenuCommand) => callback(command))
  }
}
export type ShellApi = typeof api

contextBridge.exposeInMainWorld('pmpool', api)
