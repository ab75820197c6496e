// SPDX-License-Identifier: GPL-2.0-or-later
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { installedAsLocked } from './npm.mjs'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pmpool-setup-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const vue = { version: '3.5.45', integrity: 'sha512-a' }
const lock = { '': { version: '0.1.0' }, 'node_modules/vue': vue, 'node_modules/of-a-mac': { ...vue, optional: true } }
const { 'node_modules/vue': _vue, ...withoutVue } = lock

test.each([
  ['all as locked', lock, true],
  ['the project itself is not listed', { 'node_modules/vue': vue }, true],
  ['another version', { 'node_modules/vue': { ...vue, version: '3.5.44' } }, false],
  ['another content', { 'node_modules/vue': { ...vue, integrity: 'sha512-b' } }, false],
  ['a package is missing', withoutVue, false],
  ['a package too many', { ...lock, 'node_modules/old': vue }, false],
  ['nothing installed', undefined, false]
])('node_modules: %s', (_title, installed, expected) => {
  const write = (name: string, packages: object): void =>
    writeFileSync(join(folder, name), JSON.stringify({ packages }))
  write('package-lock.json', lock)
  if (installed) write('installed.json', installed)
  expect(installedAsLocked(join(folder, 'package-lock.json'), join(folder, 'installed.json'))).toBe(expected)
})
