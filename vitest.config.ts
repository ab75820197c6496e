// SPDX-License-Identifier: GPL-2.0-or-later
import { resolve } from 'node:path'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

const alias = {
  '@api': resolve(import.meta.dirname, 'main/api'),
  // its ./browser export has the "browser" condition only, which Vitest's resolver does not set
  'vscode-jsonrpc/browser': 'vscode-jsonrpc/node'
}

export default defineConfig({
  test: {
    projects: [
      {
        resolve: { alias },
        test: {
          name: 'node',
          include: ['main/**/*.test.ts', 'scripts/**/*.test.ts', 'tests/unit/**/*.test.ts'],
          environment: 'node'
        }
      },
      {
        resolve: { alias },
        plugins: [vue()],
        test: { name: 'renderer', include: ['renderer/**/*.test.ts'], environment: 'happy-dom' }
      }
    ]
  }
})
