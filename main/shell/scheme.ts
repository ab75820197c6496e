// SPDX-License-Identifier: GPL-2.0-or-later
// Serves the page's files under app://lab/, and nothing else.
import { protocol } from 'electron'
import { pageFile } from '../serve/files.ts'
import { securityHeaders } from '../serve/headers.ts'
import { pageHost, pageScheme } from './urls.ts'

/** Before the application is ready: a scheme with an origin of its own, secure as https is. */
export const registerPageScheme = (): void =>
  protocol.registerSchemesAsPrivileged([
    { scheme: pageScheme, privileges: { standard: true, secure: true, supportFetchAPI: true } }
  ])

const refuse = (status: number): Response =>
  new Response(String(status), { status, headers: { ...securityHeaders, 'content-type': 'text/plain' } })

async function answer(folder: string, { method, url }: Request): Promise<Response> {
  const { host, pathname } = new URL(url)
  if (method !== 'GET') return refuse(405)
  const file = host === pageHost ? await pageFile(folder, pathname) : undefined
  if (!file) return refuse(404)
  return new Response(new Uint8Array(file.body), { headers: { ...securityHeaders, 'content-type': file.type } })
}

/** @param folder of the built page */
export const servePage = (folder: string): void => protocol.handle(pageScheme, (request) => answer(folder, request))
