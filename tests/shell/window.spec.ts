// SPDX-License-Identifier: GPL-2.0-or-later
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Host, LabInfo, Region } from '../../main/api/index.ts'
import { menuCommands, type MenuCommand } from '../../main/shell/commands.ts'
import { expect, result, test } from './fixtures.ts'
import { launchBriefly, type Application } from './launch.ts'

const choose = (lab: Application, command: MenuCommand): Promise<void> =>
  lab.evaluate(({ Menu, BrowserWindow }, id) => {
    const item = Menu.getApplicationMenu()?.getMenuItemById(id)
    const click = item?.click as unknown as (event: object, window: unknown) => void
    click.call(item, {}, BrowserWindow.getAllWindows()[0])
  }, command)

test.describe('the window', () => {
  test('opens on the lab’s page, with a title and nothing of Node', async ({ lab }) => {
    await expect(lab.window).toHaveTitle(/Pmpool Lab/)
    await expect(lab.window.locator('#app')).not.toBeEmpty()
    const leaked = await lab.window.evaluate(() =>
      ['require', 'process', 'module', 'Buffer', 'electron', 'ipcRenderer'].filter((name) => name in globalThis)
    )
    expect(leaked).toEqual([])
    const url = await lab.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.webContents.getURL())
    expect(url).toBe('app://lab/')
  })

  test('is sandboxed, isolated and without Node', async ({ lab }) => {
    const preferences = await lab.evaluate(({ BrowserWindow }) => {
      const contents = BrowserWindow.getAllWindows()[0]?.webContents as unknown as {
        getLastWebPreferences(): Record<string, unknown>
      }
      const { sandbox, contextIsolation, nodeIntegration, webSecurity, webviewTag } = contents.getLastWebPreferences()
      return { sandbox, contextIsolation, nodeIntegration, webSecurity, webviewTag }
    })
    expect(preferences).toEqual({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
      webviewTag: false
    })
  })

  test('gives the page platform, connect and onMenu, and no more', async ({ lab }) => {
    const api = await lab.window.evaluate(() =>
      Object.fromEntries(Object.entries(pmpool).map(([name, member]) => [name, typeof member]))
    )
    expect(api).toEqual({ platform: 'string', connect: 'function', onMenu: 'function' })
    expect(await lab.window.evaluate(() => pmpool.platform)).toBe('linux')
  })

  test('shows the page the simulated region, from a real helper', async ({ lab }) => {
    const info = await result<LabInfo>(lab.window, 'lab/info')
    expect(info.mode).toBe('electron')
    const connected = async (): Promise<Host | undefined> =>
      (await result<{ hosts: Host[] }>(lab.window, 'host/list')).hosts.find(({ state }) => state === 'connected')
    await expect.poll(async () => (await connected())?.transport.kind).toBe('simulated')
    const host = (await connected())?.id
    const { regions } = await result<{ regions: Region[] }>(lab.window, 'region/list', { host })
    expect(regions).toHaveLength(1)
    await expect(lab.window.getByText(/simulated/i).first()).toBeVisible()
  })

  test('passes each menu command to the page', async ({ lab }) => {
    await lab.window.evaluate(() => {
      pmpool.onMenu((command) => document.documentElement.setAttribute('data-heard', command))
    })
    for (const command of menuCommands) {
      await choose(lab, command)
      await expect(lab.window.locator('html')).toHaveAttribute('data-heard', command)
    }
    await lab.window.reload() // closes what the commands have opened
  })

  test('has a menu that the page acts upon', async ({ lab }) => {
    for (const theme of ['dark', 'light'] as const) {
      await choose(lab, `theme-${theme}`)
      await expect(lab.window.locator('html')).toHaveAttribute('data-theme', theme)
    }
    await choose(lab, 'show-shortcuts')
    await expect(lab.window.getByRole('dialog', { name: 'Shortcuts' })).toBeVisible()
    await lab.window.reload()
    await expect(lab.window.getByText(/simulated/i).first(), 'connected again').toBeVisible()
  })

  test('has File, Edit, View and Help', async ({ lab }) => {
    const labels = await lab.evaluate(({ Menu }) => Menu.getApplicationMenu()?.items.map(({ label }) => label))
    expect(labels?.map((label) => label.replace('&', ''))).toEqual(['File', 'Edit', 'View', 'Help'])
  })

  test('follows the desktop into the dark', async ({ lab }) => {
    const background = (theme: 'light' | 'dark') =>
      lab.evaluate(({ nativeTheme, BrowserWindow }, source) => {
        nativeTheme.themeSource = source
        return BrowserWindow.getAllWindows()[0]?.getBackgroundColor()
      }, theme)
    expect(await background('dark')).not.toBe(await background('light'))
  })

  test('comes back after its page crashed', async ({ open }) => {
    const lab = await open()
    await lab.evaluate(({ dialog, BrowserWindow }) => {
      const asked: string[] = []
      Object.assign(globalThis, { asked })
      dialog.showMessageBox = ((_window: unknown, { message }: { message: string }) => {
        asked.push(message)
        return Promise.resolve({ response: 0, checkboxChecked: false })
      }) as never
      BrowserWindow.getAllWindows()[0]?.webContents.forcefullyCrashRenderer()
    })
    const asked = () => lab.evaluate(() => (globalThis as unknown as { asked: string[] }).asked)
    await expect.poll(asked).toEqual([expect.stringContaining('ended unexpectedly')])
    await expect
      .poll(() =>
        lab.evaluate(({ BrowserWindow }) =>
          BrowserWindow.getAllWindows()[0]?.webContents.executeJavaScript('document.title + typeof pmpool')
        )
      )
      .toMatch(/Pmpool Lab.*object/)
  })

  test('is where it was left, and as large', async ({ open, data }) => {
    const bounds = { x: 60, y: 70, width: 1010, height: 720 }
    const first = await open()
    await first.evaluate(({ BrowserWindow }, to) => BrowserWindow.getAllWindows()[0]?.setBounds(to), bounds)
    expect(await first.quit()).toBe(0)
    const kept: unknown = JSON.parse(readFileSync(join(data, 'window.json'), 'utf8'))
    expect(kept).toEqual({ ...bounds, maximized: false })
    const second = await open()
    expect(await second.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.getBounds())).toEqual(bounds)
  })

  test('comes to the front when the application is started again', async ({ open, data }) => {
    const lab = await open()
    const visible = () => lab.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.isVisible())
    await expect.poll(visible).toBe(true)
    await lab.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.hide())
    expect(await visible()).toBe(false)
    expect(await launchBriefly(['--data', data])).toBe(0)
    await expect.poll(visible).toBe(true)
    expect(await lab.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1)
  })
})

/** Process ids of the helpers that a process has started. */
const helpersOf = (parent: number): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const [, command, ppid] = /^\d+ \((.*)\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? []
        return command === 'pmpool' && Number(ppid) === parent
      } catch {
        return false // ended meanwhile
      }
    })
    .map(Number)

const running = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

for (const [way, act] of [
  ['quitting', 'app.quit()'],
  ['closing the window', 'BrowserWindow.getAllWindows()[0].close()']
] as const) {
  test(`${way} ends the application and its helper`, async ({ open }) => {
    const lab = await open()
    const parent = lab.process.pid ?? 0
    await expect.poll(() => helpersOf(parent).length).toBe(1)
    const helpers = helpersOf(parent)
    const exited = new Promise((done) => lab.process.once('exit', done))
    await lab.evaluate(({ app, BrowserWindow }, how) => {
      setImmediate(() => (how === 'app.quit()' ? app.quit() : BrowserWindow.getAllWindows()[0]?.close()))
    }, act)
    expect(await exited).toBe(0)
    expect(helpers.filter(running)).toEqual([])
  })
}
