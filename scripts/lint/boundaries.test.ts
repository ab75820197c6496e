// SPDX-License-Identifier: GPL-2.0-or-later
import { ESLint } from 'eslint'
import ts from 'typescript-eslint'
import { describe, expect, test } from 'vitest'
import { projectRoot } from '../lib/root.mjs'

// the project's own configuration, without type information: the snippets exist in memory only
const eslint = new ESLint({
  cwd: projectRoot,
  overrideConfig: [
    ts.configs.disableTypeChecked,
    { languageOptions: { parserOptions: { projectService: false, project: false } } }
  ]
})
const ours = ['pmpool/boundaries', 'no-restricted-properties', 'no-restricted-imports']

async function refusals(file: string, code: string): Promise<string[]> {
  const text = file.endsWith('.vue') ? `<script setup lang="ts">\n${code}\n</script>\n` : code
  const [result] = await eslint.lintText(text, { filePath: file })
  expect(result?.messages.filter((message) => message.fatal)).toEqual([])
  return (result?.messages ?? []).flatMap(({ ruleId }) => (ruleId && ours.includes(ruleId) ? [ruleId] : []))
}

describe('the linter refuses', () => {
  test.each([
    ['main/lab/hosts.ts', "import { app } from 'electron'"],
    ['main/lab/hosts.ts', "import type { App } from 'electron'"],
    ['main/lab/hosts.ts', "export * from 'electron'"],
    ['main/lab/hosts.ts', "void import('electron/main')"],
    ['main/lab/hosts.ts', "const { app } = require('electron')"],
    ['main/lab/hosts.ts', "type App = import('electron').App"],
    ['main/helper/spawn.ts', "import { app } from 'electron'"],
    ['main/serve/index.ts', "import { app } from 'electron'"],
    ['main/api/index.ts', "import { app } from 'electron'"],
    ['main/version.ts', "import { app } from 'electron'"],
    ['main/lab/hosts.ts', "import { openWindow } from '../shell/window.ts'"],
    ['main/lab/hosts.ts', "import { listen } from '../serve/index.ts'"],
    ['main/helper/spawn.ts', "import { hosts } from '../lab/hosts.ts'"],
    ['main/serve/index.ts', "import { openWindow } from '../shell/window.ts'"],
    ['main/shell/index.ts', "import App from '../../renderer/App.vue'"],
    ['main/lab/hosts.ts', "import { store } from '../../renderer/stores/lab'"],
    ['main/lab/hosts.ts', "import { Page } from '@api'"],
    ['main/lab/hosts.ts', "import koffi from 'koffi'"],
    ['main/files/library.ts', "import koffi from 'koffi'"],
    ['main/shell/index.ts', "import koffi from 'koffi'"],
    ['main/files/library.ts', "import { hosts } from '../lab/hosts.ts'"],
    ['main/api/index.ts', "import { readFile } from 'node:fs/promises'"],
    ['main/api/index.ts', "import { RequestType } from 'vscode-jsonrpc'"],
    ['main/api/index.ts', "import { WebSocket } from 'ws'"],
    ['main/api/index.ts', "import { hosts } from '../lab/hosts.ts'"],
    ['renderer/main.ts', "import { hosts } from '../main/lab/hosts.ts'"],
    ['renderer/main.ts', "import { helperMethods } from '@api'"],
    ['renderer/main.ts', "import { readFile } from 'node:fs/promises'"],
    ['renderer/main.ts', "import path from 'path'"],
    ['renderer/main.ts', "import { ipcRenderer } from 'electron'"],
    ['renderer/views/RegionView.vue', "import { hosts } from '../../main/lab/hosts.ts'"],
    ['renderer/views/RegionView.vue', "import { readFile } from 'node:fs/promises'"]
  ])('%s: %s', async (file, code) => {
    expect(await refusals(file, code)).toHaveLength(1)
  })
})

describe('the linter allows', () => {
  test.each([
    ['main/files/native.ts', "import koffi from 'koffi'"],
    ['main/lab/hosts.ts', "import { FileLibrary } from '../files/index.ts'"],
    ['main/shell/index.ts', "import { app } from 'electron'"],
    ['main/shell/preload/index.ts', "import { contextBridge } from 'electron'"],
    ['main/shell/index.ts', "import { hosts } from '../lab/hosts.ts'"],
    ['main/lab/hosts.ts', "import { spawnHelper } from '../helper/spawn.ts'"],
    ['main/lab/hosts.ts', "import { readFile } from 'node:fs/promises'"],
    ['main/helper/spawn.ts', "import { helperMethods } from '../api/index.ts'"],
    ['main/serve/index.ts', "import { WebSocketServer } from 'ws'"],
    ['main/api/index.ts', "import { z } from 'zod'"],
    ['main/api/index.ts', "import type { RequestType } from 'vscode-jsonrpc'"],
    ['main/api/index.ts', "import { regionSchema } from './region.ts'"],
    ['main/api/index.test.ts', "import { expect } from 'vitest'"],
    ['renderer/main.ts', "import type { Region } from '@api'"],
    ['renderer/main.ts', "import { PageConnection } from '@api/client.ts'"],
    ['renderer/main.ts', "import { createApp } from 'vue'"],
    ['renderer/views/RegionView.vue', "import PageMap from '../map/PageMap.vue'"],
    ['renderer/stores/lab.test.ts', "import { mount } from '@vue/test-utils'"],
    ['tests/e2e/lab.spec.ts', "import { hosts } from '../../main/lab/hosts.ts'"]
  ])('%s: %s', async (file, code) => {
    expect(await refusals(file, code)).toEqual([])
  })
})
