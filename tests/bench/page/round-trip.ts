// SPDX-License-Identifier: GPL-2.0-or-later
// There and back: from the page through the lab to the helper; and its peers, a bare helper on pipes, and a WebSocket
// that answers what it is sent.
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { Browser, Page } from 'playwright-core'
import { WebSocketServer } from 'ws'
import type { Helper } from '../../e2e/support/helper.ts'

/** On a connection of its own to the lab, with the page's session: log/list of one entry. */
export function pageRoundTrips(page: Page, host: string, pool: string, rounds: number): Promise<number[]> {
  return page.evaluate(
    async ({ host, pool, rounds }) => {
      const socket = new WebSocket(`ws://${location.host}/rpc`)
      await new Promise((open, refused) => {
        socket.addEventListener('open', open)
        socket.addEventListener('close', refused)
      })
      const answers = new Map<number, (refused: unknown) => void>()
      socket.addEventListener('message', (event: MessageEvent<string>) => {
        const { id, error } = JSON.parse(event.data) as { id?: number; error?: unknown }
        if (id !== undefined) answers.get(id)?.(error)
      })
      const times: number[] = []
      for (let id = 1; id <= rounds; id++) {
        const start = performance.now()
        const params = { host, pool, limit: 1 }
        socket.send(JSON.stringify({ jsonrpc: '2.0', id, method: 'log/list', params }))
        const refused = await new Promise((answered) => answers.set(id, answered))
        if (refused) throw new Error(JSON.stringify(refused)) // a refusal need not have been at the helper
        times.push(performance.now() - start)
      }
      socket.close()
      return times
    },
    { host, pool, rounds }
  )
}

export async function helperRoundTrips(helper: Helper, pool: string, rounds: number): Promise<number[]> {
  const times: number[] = []
  for (let round = 0; round < rounds; round++) {
    const start = performance.now()
    await helper.ask('log/list', { pool, limit: 1 })
    times.push(performance.now() - start)
  }
  return times
}

export async function echoRoundTrips(browser: Browser, rounds: number): Promise<number[]> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false })
  await once(server, 'listening')
  server.on('connection', (socket) => socket.on('message', (data) => socket.send(data, { binary: false })))
  const page = await browser.newPage()
  try {
    return await page.evaluate(
      async ({ port, rounds }) => {
        const socket = new WebSocket(`ws://127.0.0.1:${port}/`)
        await new Promise((open, refused) => {
          socket.addEventListener('open', open)
          socket.addEventListener('close', refused)
        })
        const times: number[] = []
        for (let id = 1; id <= rounds; id++) {
          const start = performance.now()
          const answered = new Promise((heard) => socket.addEventListener('message', heard, { once: true }))
          socket.send(JSON.stringify({ jsonrpc: '2.0', id, method: 'log/list', params: { limit: 1 } }))
          await answered
          times.push(performance.now() - start)
        }
        socket.close()
        return times
      },
      { port: (server.address() as AddressInfo).port, rounds }
    )
  } finally {
    await page.close()
    server.close()
  }
}
