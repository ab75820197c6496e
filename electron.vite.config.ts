// SPDX-License-Identifier: GPL-2.0-or-later
import { resolve } from 'node:path'
import { defineConfig } from 'electron-vite'
import vue from '@vitejs/plugin-vue'

/** Two builds of one tree keep out of each other's way: PMPOOL_OUT is the folder of this one. */
const out = process.env.PMPOOL_OUT ?? 'out'
const at = (path: string): string => resolve(import.meta.dirname, path)

export default defineConfig({
  main: {
    build: {
      outDir: `${out}/main`,
      // one file to read at the start instead of some hundred; koffi brings a library of its own along
      externalizeDeps: { include: ['koffi'], exclude: ['vscode-jsonrpc', 'ws', 'zod'] },
      rolldownOptions: { input: { index: at('main/shell/index.ts'), serve: at('main/serve/index.ts') } }
    }
  },
  preload: {
    build: {
      outDir: `${out}/preload`,
      externalizeDeps: false, // a sandboxed preload cannot require node_modules
      rolldownOptions: {
        input: { index: at('main/shell/preload/index.ts') },
        output: { format: 'cjs', entryFileNames: '[name].cjs' } // and must be CommonJS
      }
    }
  },
  renderer: {
    root: at('renderer'),
    resolve: { alias: { '@api': at('main/api') } },
    plugins: [vue()],
    build: {
      outDir: at(`${out}/renderer`),
      minify: true, // it is parsed at each start
      rolldownOptions: { input: { index: at('renderer/index.html') } }
    }
  }
})
