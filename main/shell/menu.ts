// SPDX-License-Identifier: GPL-2.0-or-later
import { BrowserWindow, Menu, type MenuItemConstructorOptions } from 'electron'
import { channels, type MenuCommand } from './commands.ts'
import { openExternally } from './permissions.ts'

type Item = MenuItemConstructorOptions

const separator: Item = { type: 'separator' }

const kernelParameters = 'https://docs.kernel.org/admin-guide/kernel-parameters.html'

/** An item that asks the page; the command is its id, too. */
const command = (id: MenuCommand, label: string, accelerator?: string): Item => ({
  id,
  label,
  ...(accelerator ? { accelerator } : {}),
  click: (_item, window) => {
    if (window instanceof BrowserWindow) window.webContents.send(channels.menu, id)
  }
})

const template = (development: boolean): Item[] => [
  {
    label: '&File',
    submenu: [
      command('create-pool', 'New &pool…', 'CmdOrCtrl+N'),
      command('allocate', '&Allocate…', 'CmdOrCtrl+Shift+A'),
      command('take-snapshot', '&Snapshot…', 'CmdOrCtrl+S'),
      separator,
      command('plan-kexec', 'Plan a &kexec…'),
      separator,
      { role: 'quit', label: '&Quit', accelerator: 'CmdOrCtrl+Q' }
    ]
  },
  {
    label: '&Edit',
    submenu: [
      { role: 'undo' },
      { role: 'redo' },
      separator,
      { role: 'cut' },
      { role: 'copy' },
      { role: 'paste' },
      { role: 'selectAll' }
    ]
  },
  {
    label: '&View',
    submenu: [
      command('show-palette', '&Find a command…', 'CmdOrCtrl+K'),
      separator,
      {
        label: '&Theme',
        submenu: [
          command('theme-light', '&Light'),
          command('theme-dark', '&Dark'),
          command('theme-system', 'As the &system')
        ]
      },
      separator,
      { role: 'resetZoom' },
      { role: 'zoomIn' },
      { role: 'zoomOut' },
      { role: 'togglefullscreen' },
      ...(development ? ([separator, { role: 'reload' }, { role: 'toggleDevTools' }] satisfies Item[]) : [])
    ]
  },
  {
    label: '&Help',
    submenu: [
      command('show-shortcuts', '&Keyboard shortcuts', 'CmdOrCtrl+/'),
      { label: 'Kernel &parameters', click: () => openExternally(kernelParameters) },
      separator,
      command('show-about', '&About')
    ]
  }
]

/** @param development also offer what only its developers need */
export const setMenu = (development: boolean): void =>
  Menu.setApplicationMenu(Menu.buildFromTemplate(template(development)))
