// SPDX-License-Identifier: GPL-2.0-or-later
// What the page must not be able to do, even when something hostile runs in it.
import type { Page } from '@playwright/test'
import { contentSecurityPolicy } from '../../main/serve/headers.ts'
import { ask, expect, request, test } from './fixtures.ts'
import type { Application } from './launch.ts'

test('the page has the strict policy, and no inline script runs', async ({ lab }) => {
  const sent = await lab.window.evaluate(async () => (await fetch('/')).headers.get('content-security-policy'))
  expect(sent).toBe(contentSecurityPolicy)
  expect(sent?.split('; ')).toEqual(expect.arrayContaining(["default-src 'none'", "script-src 'self'"]))
  const violated = await lab.window.evaluate(
    () =>
      new Promise<string>((done) => {
        document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => done(effectiveDirective))
        const script = document.createElement('script')
        script.append('document.documentElement.dataset.ran = "yes"')
        document.head.append(script)
        if (document.documentElement.dataset['ran']) done('it ran')
      })
  )
  expect(['script-src-elem', 'require-trusted-types-for']).toContain(violated)
  await expect(lab.window.locator('html')).not.toHaveAttribute('data-ran')
})

test('the scheme answers with the page’s files, and nothing else', async ({ lab }) => {
  const statuses = {
    '/': 200,
    '/index.html': 200,
    '/nothing.html': 404,
    '/../package.json': 404,
    '/..%2f..%2fpackage.json': 404,
    '/%2e%2e/%2e%2e/package.json': 404,
    '/assets/': 404,
    '/index.html%00': 404,
    '/%ff': 404
  }
  const answered = await lab.window.evaluate(async (paths) => {
    const found = await Promise.all(paths.map(async (path) => [path, (await fetch(path)).status] as const))
    return Object.fromEntries(found)
  }, Object.keys(statuses))
  expect(answered).toEqual(statuses)
  expect(await lab.window.evaluate(async () => (await fetch('/', { method: 'POST' })).status)).toBe(405)
})

/** Notes in main what becomes of the page's wishes to go elsewhere. */
const watchNavigation = (lab: Application): Promise<void> =>
  lab.evaluate(({ BrowserWindow, shell }) => {
    const seen: { wishes: unknown[]; opened: string[] } = { wishes: [], opened: [] }
    Object.assign(globalThis, { seen })
    BrowserWindow.getAllWindows()[0]?.webContents.on('will-frame-navigate', ({ url, defaultPrevented }) =>
      seen.wishes.push({ url, defaultPrevented })
    )
    shell.openExternal = (url: string) => {
      seen.opened.push(url)
      return Promise.resolve()
    }
  })
const seen = (lab: Application) =>
  lab.evaluate(() => (globalThis as unknown as { seen: { wishes: unknown[]; opened: string[] } }).seen)

test('the window stays on its page', async ({ lab }) => {
  await watchNavigation(lab)
  const url = 'https://docs.kernel.org/' // not even to a host that may open in the browser
  await lab.window.evaluate((to) => {
    const link = document.createElement('a')
    link.href = to
    document.body.append(link)
    link.click()
  }, url)
  await expect.poll(async () => (await seen(lab)).wishes).toEqual([{ url, defaultPrevented: true }])
  const shown = await lab.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.webContents.getURL())
  expect(shown).toBe('app://lab/')
})

test('no window opens, and only known https hosts open in the user’s browser', async ({ lab }) => {
  await watchNavigation(lab)
  const open = (url: string) => lab.window.evaluate((to) => window.open(to) === null, url)
  const known = 'https://docs.kernel.org/admin-guide/kernel-parameters.html'
  for (const url of ['https://evil.example/', 'http://docs.kernel.org/', 'app://lab/', known]) {
    expect(await open(url), url).toBe(true)
  }
  await expect.poll(async () => (await seen(lab)).opened).toEqual([known])
  expect(await lab.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1)
})

test('every permission but copying text is denied', async ({ lab }) => {
  const states = await lab.window.evaluate(async () => {
    const names = ['notifications', 'geolocation', 'clipboard-read', 'clipboard-write'] as PermissionName[]
    const found = await Promise.all(names.map((name) => navigator.permissions.query({ name })))
    return Object.fromEntries(names.map((name, index) => [name, found[index]?.state]))
  })
  expect(states).toEqual({
    notifications: 'denied',
    geolocation: 'denied',
    'clipboard-read': 'denied',
    'clipboard-write': 'granted'
  })
  expect(await lab.window.evaluate(() => Notification.requestPermission())).toBe('denied')
})

const refusals = (lab: Application): string[] => lab.output().match(/Refused a message.*/g) ?? []

test('a foreign page in the window gets no connection and no permission', async ({ open }) => {
  const lab = await open()
  await lab.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.loadURL('app://other/'))
  await expect(lab.window.locator('body')).toHaveText('404')
  await lab.window.evaluate(() => {
    addEventListener('message', () => document.documentElement.setAttribute('data-port', 'given'))
    pmpool.connect()
  })
  await expect.poll(() => refusals(lab)).toEqual([expect.stringContaining('comes from app://other/')])
  await expect(lab.window.locator('html')).not.toHaveAttribute('data-port')
  const copying = await lab.window.evaluate(
    async () => (await navigator.permissions.query({ name: 'clipboard-write' as PermissionName })).state
  )
  expect(copying).toBe('denied')
})

/** Hands main a message that the preload never would; answers the channels of what main posted to its sender. */
const forge = (lab: Application, change: { args?: unknown[]; url?: string; parent?: object; gone?: boolean }) =>
  lab.evaluate(({ ipcMain }, { args = [], url = 'app://lab/', parent = null, gone = false }) => {
    const posted: string[] = []
    const event = {
      sender: { postMessage: (channel: string) => posted.push(channel) },
      senderFrame: gone ? null : { url, parent },
      ports: []
    }
    ipcMain.emit('pmpool:connect', event, ...args)
    return posted
  }, change)

test('main takes a wish to connect from the page itself only, and only in its form', async ({ lab }) => {
  const before = refusals(lab).length
  expect(await forge(lab, {}), 'as it should be').toEqual(['pmpool:port'])
  const forged: [string, Parameters<typeof forge>[1]][] = [
    ['another origin', { url: 'https://lab/' }],
    ['a frame inside the page', { parent: {} }],
    ['a frame that is gone', { gone: true }],
    ['arguments', { args: ['all'] }]
  ]
  for (const [index, [what, change]] of forged.entries()) {
    expect(await forge(lab, change), what).toEqual([])
    await expect.poll(() => refusals(lab).length, what).toBe(before + index + 1)
  }
})

const codeOf = async (page: Page, message: unknown): Promise<unknown> =>
  ((await ask(page, message)) as { error?: { code: number } }).error?.code

test('a malformed message on the port closes it, a malformed request is answered as such', async ({ lab }) => {
  expect(await ask(lab.window, 'no object')).toBe('closed')
  expect(await ask(lab.window, { jsonrpc: '1.0', id: 1, method: 'lab/info' })).toBe('closed')
  expect(await codeOf(lab.window, request('lab/none'))).toBe(-32601)
  expect(await codeOf(lab.window, request('host/connect', { host: 5 }))).toBe(-32602)
})
