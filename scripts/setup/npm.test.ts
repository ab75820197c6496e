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
const lock = {
  '': { version: '0.1.0' },
  'node_modules/vue': vue,
  'node_modules/of-linux': { ...vue, optional: true, os: ['linux'], cpu: ['x64'], libc: ['glibc'] },
  'node_modules/of-musl': { ...vue, optional: true, os: ['linux'], cpu: ['x64'], libc: ['musl'] },
  'node_modules/of-a-mac': { ...vue, optional: true, os: ['darwin'], cpu: ['x64'] },
  'node_modules/of-the-mac-one': { ...vue, optional: true }
}
const there = { 'node_modules/vue': vue, 'node_modules/of-linux': vue }

test.each([
  ['everything', lock, true],
  ['what this platform needs', there, true],
  ['another version', { ...there, 'node_modules/vue': { ...vue, version: '3.5.44' } }, false],
  ['another content', { ...there, 'node_modules/vue': { ...vue, integrity: 'sha512-b' } }, false],
  ['one package less', { 'node_modules/of-linux': vue }, false],
  ["all but this platform's native part", { 'node_modules/vue': vue }, false],
  ['one package more', { ...there, 'node_modules/old': vue }, false],
  ['nothing', undefined, false]
])('node_modules holds %s', (_title, installed, expected) => {
  const write = (name: string, packages: object): void =>
    writeFileSync(join(folder, name), JSON.stringify({ packages }))
  write('package-lock.json', lock)
  if (installed) write('installed.json', installed)
  expect(installedAsLocked(join(folder, 'package-lock.json'), join(folder, 'installed.json'))).toBe(expected)
})
