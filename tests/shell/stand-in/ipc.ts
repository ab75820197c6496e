// SPDX-License-Identifier: GPL-2.0-or-later
import { EventEmitter } from 'node:events'
import { strict } from './strict.ts'

/** Messages only: invoke and handle are not covered, the application has none. */
export const rawIpc = new EventEmitter()
export const ipcMain = strict('ipcMain', rawIpc)
