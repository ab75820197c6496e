// SPDX-License-Identifier: GPL-2.0-or-later
// node --import register.ts out/main/index.js: the main bundle gets the stand-in for `electron`.
import { registerHooks } from 'node:module'

const url = new URL('electron.ts', import.meta.url).href

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'electron' || specifier === 'electron/main' ? { url, shortCircuit: true } : next(specifier, context)
})
