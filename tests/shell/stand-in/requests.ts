// SPDX-License-Identifier: GPL-2.0-or-later
// Every request of a page: navigations ask the guards, the application's own schemes are answered by it, the rest of
// the network is closed.
import type { Session } from './cdp.ts'
import { realUrl, schemes } from './session.ts'
import { cancellable } from './strict.ts'
import type { WebContents } from './webContents.ts'

interface Paused {
  readonly requestId: string
  readonly frameId: string
  readonly resourceType: string
  readonly request: { readonly url: string; readonly method: string; readonly headers: Record<string, string> }
}

/** Whether a listener of the application's stops the page from going there. */
function stopped(contents: WebContents, url: string, isMainFrame: boolean): boolean {
  const event = cancellable({ url, isMainFrame, isSameDocument: false, frame: contents.mainFrame })
  contents.emit('will-frame-navigate', event)
  if (!event.defaultPrevented && isMainFrame) contents.emit('will-navigate', event)
  return event.defaultPrevented
}

async function answer(contents: WebContents, cdp: Session, targetId: string, paused: Paused): Promise<unknown> {
  const { requestId, frameId, resourceType, request } = paused
  const fail = (errorReason: 'Aborted' | 'Failed' | 'InternetDisconnected'): Promise<unknown> =>
    cdp.send('Fetch.failRequest', { requestId, errorReason })
  const url = realUrl(request.url)
  if (resourceType === 'Document' && contents._expected !== url && stopped(contents, url, frameId === targetId)) {
    return fail('Aborted')
  }
  const { protocol, pathname } = new URL(url)
  if (['data:', 'blob:'].includes(protocol)) return cdp.send('Fetch.continueRequest', { requestId })
  const handler = schemes.get(protocol.slice(0, -1))
  if (!handler) return fail('InternetDisconnected')
  if (pathname === '/favicon.ico') return fail('Failed') // Chromium asks for it, Electron does not
  const response = await handler(new Request(url, { method: request.method, headers: request.headers }))
  return cdp.send('Fetch.fulfillRequest', {
    requestId,
    responseCode: response.status,
    responseHeaders: [...response.headers].map(([name, value]) => ({ name, value })),
    body: Buffer.from(await response.arrayBuffer()).toString('base64')
  })
}

export function answerRequests(contents: WebContents, cdp: Session, targetId: string): void {
  cdp.on('Fetch.requestPaused', (paused) => {
    answer(contents, cdp, targetId, paused).catch((error: unknown) => {
      if (!contents.isDestroyed()) console.error('electron stand-in:', error)
    })
  })
}
