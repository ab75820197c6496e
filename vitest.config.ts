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
  resolve: { alias },
  test: {
    testTimeout: 60_000, // nothing here is timed: this is for a machine that is busy with something else
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'node',
          include: [
            'main/**/*.test.ts',
            'scripts/**/*.test.ts',
            'tests/unit/**/*.test.ts',
            'tests/format/**/*.test.ts'
          ],
          environment: 'node'
        }
      },
      {
        extends: true,
        plugins: [vue()],
        test: { name: 'renderer', include: ['renderer/**/*.test.ts'], environment: 'node' }
      },
      {
        extends: true,
        // packages are made and taken apart again
        test: { name: 'pack', include: ['tests/pack/**/*.test.ts'], environment: 'node', testTimeout: 600_000 }
      }
    ]
  }
})
