// SPDX-License-Identifier: GPL-2.0-or-later
// The stand-in has no member that Electron has not: a spec could pass on it and fail on the real one.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { expect, test } from './fixtures.ts'
import { realElectron } from './launch.ts'

const declarations = join(import.meta.dirname, '../../node_modules/electron/electron.d.ts')

/** In electron.d.ts, the members of each class and interface, with those that it inherits from another of Electron's. */
function documented(): (type: string) => Set<string> {
  const file = ts.createSourceFile('electron.d.ts', readFileSync(declarations, 'utf8'), ts.ScriptTarget.Latest)
  const types = new Map<string, (ts.ClassDeclaration | ts.InterfaceDeclaration)[]>()
  const collect = (node: ts.Node): void => {
    if ((ts.isClassDeclaration(node) || ts.isInterfaceDeclaration(node)) && node.name) {
      types.set(node.name.text, [...(types.get(node.name.text) ?? []), node])
    }
    ts.forEachChild(node, collect)
  }
  collect(file)
  const members = (type: string): Set<string> =>
    new Set(
      (types.get(type) ?? []).flatMap((node) => [
        ...node.members.flatMap(({ name }) => (name && ts.isIdentifier(name) ? [name.text] : [])),
        ...(node.heritageClauses ?? []).flatMap(({ types: parents }) =>
          parents.flatMap(({ expression }) => (ts.isIdentifier(expression) ? [...members(expression.text)] : []))
        )
      ])
    )
  return members
}

/** Electron has it, and tests of Electron's own use it. */
const undocumented = ['WebContents.getLastWebPreferences']

test('the stand-in’s members are Electron’s', async ({ lab }) => {
  test.skip(realElectron, 'the real Electron runs here')
  const covered = await lab.evaluate((electron) => {
    const [window] = electron.BrowserWindow.getAllWindows()
    const objects: Record<string, object | undefined> = {
      App: electron.app,
      BrowserWindow: window,
      Dialog: electron.dialog,
      IpcMain: electron.ipcMain,
      Menu: electron.Menu.getApplicationMenu() ?? undefined,
      MenuItem: electron.Menu.getApplicationMenu()?.items[0],
      MessagePortMain: new electron.MessageChannelMain().port1,
      NativeTheme: electron.nativeTheme,
      Protocol: electron.protocol,
      Screen: electron.screen,
      Session: electron.session.defaultSession,
      Shell: electron.shell,
      WebContents: window?.webContents,
      WebFrameMain: window?.webContents.mainFrame
    }
    const ends = new Set<unknown>([Object.prototype, null])
    const members = (object: object | null): string[] =>
      object === null || ends.has(object) || Object.hasOwn(object, 'setMaxListeners') // EventEmitter's prototype
        ? []
        : [...Object.getOwnPropertyNames(object), ...members(Object.getPrototypeOf(object) as object | null)]
    return Object.fromEntries(Object.entries(objects).map(([name, object]) => [name, members(object ?? null)]))
  })
  const known = documented()
  const own = /^_|^constructor$|^domain$/ // the stand-in's own, and EventEmitter's
  const foreign = Object.entries(covered).flatMap(([type, names]) => {
    const real = known(type)
    expect(names.length, type).toBeGreaterThan(0)
    expect(real.size, type).toBeGreaterThan(0)
    return names.filter((name) => !own.test(name) && !real.has(name)).map((name) => `${type}.${name}`)
  })
  expect(foreign).toEqual(undocumented)
})
