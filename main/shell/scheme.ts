// SPDX-License-Identifier: GPL-2.0-or-later
// Serves the page's files under app://lab/, and nothing else.
import { readFile } from 'node:fs/promises'
import { extname, join, sep } from 'node:path'
import { protocol } from 'electron'
import { contentSecurityPolicy } from '../lab/contentSecurity.ts'
import { pageHost, pageScheme } from './urls.ts'

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2'
}

const headers = {
  'content-security-policy': contentSecurityPolicy,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff'
}

/** Before the application is ready: a scheme with an origin of its own, secure as https is. */
export const registerPageScheme = (): void =>
  protocol.registerSchemesAsPrivileged([
    { scheme: pageScheme, privileges: { standard: true, secure: true, supportFetchAPI: true } }
  ])

/** The file that a request means, or undefined when it lies outside the folder. */
function fileOf(root: string, pathname: string): string | undefined {
  let path: string
  try {
    path = decodeURIComponent(pathname)
  } catch {
    return undefined
  }
  const file = join(root, path.endsWith('/') ? `${path}index.html` : path)
  return file.startsWith(root + sep) && !file.includes('\0') ? file : undefined
}

const refuse = (status: number): Response => new Response(null, { status, headers })

async function answer(root: string, { method, url }: Request): Promise<Response> {
  const { host, pathname } = new URL(url)
  if (method !== 'GET') return refuse(405)
  const file = host === pageHost ? fileOf(root, pathname) : undefined
  const type = file && types[extname(file)]
  if (!file || !type) return refuse(404)
  try {
    return new Response(await readFile(file), { headers: { ...headers, 'content-type': type } })
  } catch {
    return refuse(404)
  }
}

/** @param root folder of the built page */
export const servePage = (root: string): void => protocol.handle(pageScheme, (request) => answer(root, request))
