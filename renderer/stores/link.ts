// SPDX-License-Identifier: GPL-2.0-or-later
import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'
import { PageConnection, type RequestOptions } from '@api/client.ts'
import { fromWire } from '@api/failure.ts'
import type { PageMethod, PageNotification, PageNotificationParams, PageParams, PageResult } from '@api'
import { isSessionOver, openPipe } from '../composables/open-pipe.ts'

/** ended: the lab answers, and knows this page's session no more */
export type LinkState = 'connecting' | 'open' | 'lost' | 'ended'

const firstDelay = 250
const longestDelay = 4000
const wait = (milliseconds: number): Promise<void> => new Promise((done) => setTimeout(done, milliseconds))

/** The page's connection to the lab: kept up, and made anew when it ends. */
export const useLink = defineStore('link', () => {
  const state = ref<LinkState>('connecting')
  const connection = shallowRef<PageConnection | null>(null)
  const subscribers: ((to: PageConnection) => void)[] = []
  const openers: (() => void)[] = []

  function on<N extends PageNotification>(name: N, listener: (params: PageNotificationParams<N>) => void): void {
    const subscribe = (to: PageConnection): void => void to.on(name, listener)
    subscribers.push(subscribe)
    if (connection.value) subscribe(connection.value)
  }

  /** Called on each connection, the first one too: what is shown may be old by then. */
  function onOpen(opened: () => void): void {
    openers.push(opened)
    if (connection.value) opened()
  }

  async function request<M extends PageMethod>(
    method: M,
    params: PageParams<M>,
    options?: RequestOptions
  ): Promise<PageResult<M>> {
    if (!connection.value) throw fromWire({ code: -32097, message: 'The page is not connected to the lab.' })
    return connection.value.request(method, params, options)
  }

  /** Runs for as long as the page is there. */
  async function keepUp(): Promise<never> {
    let delay = firstDelay
    for (;;) {
      try {
        const opened = new PageConnection(await openPipe())
        delay = firstDelay
        connection.value = opened
        state.value = 'open'
        for (const subscribe of subscribers) subscribe(opened)
        for (const tell of openers) tell()
        await opened.closed
      } catch {
        // the next attempt tells; meanwhile the state says it
      }
      connection.value = null
      if (state.value !== 'ended') state.value = 'lost' // at once: the question below may take its time
      if (await isSessionOver()) state.value = 'ended'
      else state.value = 'lost'
      await wait(delay)
      delay = Math.min(delay * 2, longestDelay)
    }
  }

  return { state, on, onOpen, request, keepUp }
})
