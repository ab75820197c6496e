// SPDX-License-Identifier: GPL-2.0-or-later
// Schemes of one's own, and who may do what. Chromium does not know the schemes: pages see an https alias of them.
import { EventEmitter } from 'node:events'
import type { Privileges, Session as ElectronSession, WebContents } from 'electron'
import { needReady, rawApp } from './app.ts'
import { strict } from './strict.ts'

type Answer = (request: Request) => Response | Promise<Response>

const privileges = new Map<string, Privileges>()
export const schemes = new Map<string, Answer>()

const aliasSuffix = '.electron-stand-in.test'

export function aliasOf(url: string): string {
  const { protocol, host, pathname, search, hash } = new URL(url)
  const scheme = protocol.slice(0, -1)
  return schemes.has(scheme) ? `https://${host}.${scheme}${aliasSuffix}${pathname || '/'}${search}${hash}` : url
}

export function realUrl(url: string): string {
  const [, host, scheme, rest] = /^https:\/\/(.+)\.([a-z]+)\.electron-stand-in\.test(\/.*)?$/.exec(url) ?? []
  return host && scheme ? `${scheme}://${host}${rest ?? '/'}` : url
}

export const protocol = strict('protocol', {
  registerSchemesAsPrivileged(list: { scheme: string; privileges?: Privileges }[]) {
    if (rawApp._isReady) throw new Error('protocol.registerSchemesAsPrivileged should be called before app is ready')
    for (const each of list) privileges.set(each.scheme, each.privileges ?? {})
  },
  handle(scheme: string, answer: Answer) {
    needReady('protocol')
    const { standard, secure } = privileges.get(scheme) ?? {}
    // the https alias is both; another kind of scheme would behave otherwise than here
    if (!standard || !secure)
      throw new Error(`electron stand-in: only standard and secure schemes are covered: ${scheme}`)
    schemes.set(scheme, answer)
  }
})

type RequestHandler = Parameters<ElectronSession['setPermissionRequestHandler']>[0]
type CheckHandler = Parameters<ElectronSession['setPermissionCheckHandler']>[0]
type Permission = Parameters<NonNullable<RequestHandler>>[1]

/** Chromium's names of the permissions that the specs look at. */
export const chromiumPermissions: Readonly<Partial<Record<Permission, string>>> = {
  notifications: 'notifications',
  geolocation: 'geolocation',
  'clipboard-read': 'clipboard-read',
  'clipboard-sanitized-write': 'clipboard-write'
}

export class Session extends EventEmitter {
  #request: RequestHandler = null
  #check: CheckHandler = null

  setPermissionRequestHandler(handler: RequestHandler): void {
    this.#request = handler
  }

  setPermissionCheckHandler(handler: CheckHandler): void {
    this.#check = handler
  }

  setDevicePermissionHandler(): void {
    // no page of the stand-in's Chromium has a device to ask for
  }

  /** One setting in Chromium stands for both handlers, so they must agree; a missing one grants, as in Electron. */
  async _grants(contents: WebContents, permission: Permission, url: string): Promise<boolean> {
    const details = { requestingUrl: url, isMainFrame: true }
    const checked = this.#check?.(contents, permission, url, details) ?? true
    const request = this.#request
    const granted = request
      ? await new Promise<boolean>((settle) => request(contents, permission, settle, details))
      : true
    if (checked !== granted) throw new Error(`electron stand-in: the handlers disagree about ${permission}`)
    return granted
  }
}

export const rawSession = new Session()
const defaultSession = strict('session.defaultSession', rawSession)
export const session = strict('session', {
  get defaultSession() {
    needReady('session')
    return defaultSession
  }
})
