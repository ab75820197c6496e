// SPDX-License-Identifier: GPL-2.0-or-later
// There and back: from the page through the lab to the helper, and its peer, a bare helper on pipes.
import type { Page } from 'playwright-core'
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
      const answers = new Map<number, () => void>()
      socket.addEventListener('message', (event: MessageEvent<string>) => {
        const { id } = JSON.parse(event.data) as { id?: number }
        if (id !== undefined) answers.get(id)?.()
      })
      const times: number[] = []
      for (let id = 1; id <= rounds; id++) {
        const start = performance.now()
        const params = { host, pool, limit: 1 }
        socket.send(JSON.stringify({ jsonrpc: '2.0', id, method: 'log/list', params }))
        await new Promise<void>((answered) => answers.set(id, answered))
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
