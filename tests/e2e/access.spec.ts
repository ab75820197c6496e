// SPDX-License-Identifier: GPL-2.0-or-later
// Who the headless server lets in, and what its page may do, in a real browser.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from './support/fixtures.ts'
import { LabPage } from './support/page.ts'

/** Opens a WebSocket from the page that is shown: what came of it. */
const openSocket = (url: string): Promise<string> =>
  new Promise((settle) => {
    const socket = new WebSocket(url)
    socket.onopen = () => settle('open')
    socket.onerror = () => settle('refused')
  })

test('a wrong token, and a token that was used, open nothing', async ({ browser, lab }) => {
  const url = new URL(await lab.url())
  const wrong = new URL(url)
  wrong.searchParams.set('token', 'A'.repeat(43))
  const stranger = await browser.newPage()
  expect((await stranger.goto(wrong.href))?.ok()).toBe(false)
  expect((await stranger.goto(new URL('/', url).href))?.ok()).toBe(false)
  await expect(stranger.getByText('Simulated host')).toHaveCount(0)

  const friend = await browser.newPage()
  expect((await friend.goto(url.href))?.ok()).toBe(true)
  expect(friend.url()).not.toContain('token')
  const late = await (await browser.newContext()).newPage()
  expect((await late.goto(url.href))?.ok()).toBe(false)
})

test("another site's page gets no connection, though the browser has the cookie", async ({ page, lab }) => {
  await page.goto(await lab.url())
  const port = new URL(page.url()).port
  expect(await page.evaluate(openSocket, `ws://127.0.0.1:${port}/rpc`)).toBe('open')

  const foreign = createServer((_, response) => response.setHeader('Content-Type', 'text/html').end('<p>elsewhere'))
  await new Promise<void>((listening) => foreign.listen(0, '127.0.0.1', listening))
  try {
    await page.goto(`http://127.0.0.1:${(foreign.address() as AddressInfo).port}/`)
    await expect(page.getByText('elsewhere')).toBeVisible()
    expect(await page.evaluate(openSocket, `ws://127.0.0.1:${port}/rpc`)).toBe('refused')
    // a name that leads to the same address is another Host
    expect((await page.goto(`http://lab.localhost:${port}/`))?.ok()).toBe(false)
  } finally {
    foreign.close()
  }
})

test('after a restart of the server an open page says that its session has ended', async ({ page, lab }) => {
  const ui = new LabPage(page)
  await page.goto(await lab.url())
  await ui.createPool('kept')
  await lab.restart()
  await expect(page.getByRole('alert')).toHaveText(
    "This page's session has ended. Open the address that the lab printed."
  )
  await expect(ui.button('Allocate').first()).toBeDisabled()
  await expect(ui.button('Snapshot')).toBeDisabled()

  await page.goto(await lab.url())
  await expect(page.getByRole('heading', { name: 'kept' })).toBeVisible()
  await expect(ui.button('Allocate').first()).toBeEnabled()
})

test('the page runs no inline script', async ({ page, lab }) => {
  const refused: string[] = []
  page.on('console', (message) => refused.push(message.text()))
  await page.goto(await lab.url())
  // as if the page itself had been tampered with: its headers are the server's
  await page.route(new URL('/', page.url()).href, async (route) => {
    const response = await route.fetch()
    const text = await response.text()
    await route.fulfill({ response, body: text.replace('</body>', '<script>window.injected = true</script></body>') })
  })
  await page.reload()
  await expect(page.getByRole('banner').getByText('Pmpool Lab')).toBeVisible()
  expect(await page.content()).toContain('window.injected')
  expect(await page.evaluate(() => 'injected' in window)).toBe(false)
  expect(refused.join()).toMatch(/inline script.*Content Security Policy/)
})
