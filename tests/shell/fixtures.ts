// SPDX-License-Identifier: GPL-2.0-or-later
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { test as base, type Page } from '@playwright/test'
import type { ShellApi } from '../../main/shell/preload/index.ts'
import { launch, type Application } from './launch.ts'

export { expect } from '@playwright/test'

/** For functions that run in the page. */
declare global {
  var pmpool: ShellApi
}

const newData = (): Promise<string> => mkdtemp(join(tmpdir(), 'pmpool-shell-'))
const removeData = (folder: string): Promise<void> => rm(folder, { recursive: true, maxRetries: 5 })

async function end(lab: Application): Promise<void> {
  const quit = lab.quit()
  const late = delay(10_000, 'late', { ref: false })
  if ((await Promise.race([quit, late])) === 'late') lab.process.kill('SIGKILL')
  await quit
}

interface Fixtures {
  /** a data directory for this test alone */
  data: string
  /** opens an application on that directory; it is ended after the test */
  open: () => Promise<Application>
}

interface WorkerFixtures {
  /** one application for all tests that leave its window and its page as they are */
  lab: Application
}

export const test = base.extend<Fixtures, WorkerFixtures>({
  // eslint-disable-next-line no-empty-pattern -- Playwright wants the pattern
  data: async ({}, use) => {
    const folder = await newData()
    await use(folder)
    await removeData(folder)
  },
  open: async ({ data }, use, info) => {
    const opened: Application[] = []
    await use(async () => {
      const lab = await launch(['--data', data])
      opened.push(lab)
      return lab
    })
    for (const lab of opened) {
      await end(lab)
      if (info.errors.length > 0) console.error(lab.output())
    }
  },
  lab: [
    // eslint-disable-next-line no-empty-pattern -- as above
    async ({}, use) => {
      const folder = await newData()
      const lab = await launch(['--data', folder])
      await use(lab)
      await end(lab)
      await removeData(folder)
    },
    { scope: 'worker' }
  ]
})

/** What a page gets over a connection of its own, raw: the answer to a request, or 'closed'. */
export const ask = (page: Page, message: unknown): Promise<unknown> =>
  page.evaluate(async (sent) => {
    const port = await new Promise<MessagePort>((given) => {
      const take = ({ data, ports }: MessageEvent<{ type?: string } | null>): void => {
        if (data?.type !== 'pmpool-port' || !ports[0]) return
        removeEventListener('message', take)
        given(ports[0])
      }
      addEventListener('message', take)
      pmpool.connect()
    })
    return new Promise((answered) => {
      port.addEventListener('close', () => answered('closed'))
      port.onmessage = ({ data }: MessageEvent<{ id?: number }>) => {
        if (data.id === 1) answered(data)
      }
      port.postMessage(sent)
    })
  }, message)

export const request = (method: string, params: object = {}) => ({ jsonrpc: '2.0', id: 1, method, params })

/** Answer of the lab, or a failure of the test. */
export async function result<T>(page: Page, method: string, params: object = {}): Promise<T> {
  const answer = (await ask(page, request(method, params))) as { result?: T; error?: unknown }
  if (answer.result === undefined) throw new Error(`${method}: ${JSON.stringify(answer)}`)
  return answer.result
}
