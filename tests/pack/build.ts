// SPDX-License-Identifier: GPL-2.0-or-later
// Runs electron-builder without the Electron binary and without a download: what takes their places is made here.
import { execFile } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'

export const project = join(import.meta.dirname, '../..')
const tools = join(project, 'node_modules/.bin')

/** Where @electron/fuses finds them: a sentinel, a version, their number, and for each '1' or '0' as Electron ships. */
const fuseWire = Buffer.concat([
  Buffer.from('dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX'),
  Buffer.from([1, 9]),
  Buffer.from('101100011')
])

/** The least that electron-builder takes for an unpacked Electron; it cannot run. */
function makeElectron(folder: string): void {
  mkdirSync(join(folder, 'resources'), { recursive: true })
  mkdirSync(join(folder, 'locales'))
  writeFileSync(
    join(folder, 'electron'),
    Buffer.concat([Buffer.from('#!/bin/sh\nexit 70\n'), fuseWire, Buffer.from('\n')])
  )
  chmodSync(join(folder, 'electron'), 0o755)
  for (const file of ['chrome-sandbox', 'LICENSE', 'version', 'locales/en-US.pak', 'locales/de.pak']) {
    writeFileSync(join(folder, file), '')
  }
}

/** An AppImage is a runtime with a file system appended; the tests read the latter only. */
export const appImageRuntime = Buffer.from('#!/bin/sh\nexit 70\n'.padEnd(4096, '#'))

function makeAppImageTools(folder: string): void {
  mkdirSync(join(folder, 'runtimes'), { recursive: true })
  mkdirSync(join(folder, 'lib/x64'), { recursive: true })
  for (const tool of ['mksquashfs', 'desktop-file-validate']) symlinkSync(join('/usr/bin', tool), join(folder, tool))
  writeFileSync(join(folder, 'runtimes/runtime-x64'), appImageRuntime)
}

/** Makes all packages in a folder below `work`, and answers that folder. */
export async function buildPackages(work: string): Promise<string> {
  const output = join(work, 'dist')
  makeElectron(join(work, 'electron'))
  makeAppImageTools(join(work, 'appimage'))
  const fpm = join(work, 'fpm.ts')
  copyFileSync(join(import.meta.dirname, 'fpm.ts'), fpm)
  chmodSync(fpm, 0o755)
  const args = ['--linux', '--x64', `-c.directories.output=${output}`, `-c.electronDist=${join(work, 'electron')}`]
  await promisify(execFile)(join(tools, 'electron-builder'), args, {
    cwd: project,
    env: {
      ...process.env,
      PATH: tools + delimiter + process.env['PATH'],
      CUSTOM_FPM_PATH: fpm,
      APPIMAGE_TOOLS_PATH: join(work, 'appimage')
    }
  })
  return output
}
