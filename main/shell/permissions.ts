// SPDX-License-Identifier: GPL-2.0-or-later
// What the page may do beyond showing itself: copy text to the clipboard, and nothing else.
import { app, shell, type Session, type WebContents } from 'electron'
import { isPageUrl } from './origin.ts'

const grantedPermissions: readonly string[] = ['clipboard-sanitized-write']

/** Hosts whose https pages a link may open in the user's own browser. */
const externalHosts: readonly string[] = ['docs.kernel.org', 'lore.kernel.org', 'www.freedesktop.org']

const granted = (permission: string, url: string): boolean =>
  grantedPermissions.includes(permission) && isPageUrl(url)

export function denyPermissions(session: Session): void {
  session.setPermissionRequestHandler((_contents, permission, answer, { requestingUrl }) =>
    answer(granted(permission, requestingUrl))
  )
  session.setPermissionCheckHandler((_contents, permission, origin) => granted(permission, origin))
  session.setDevicePermissionHandler(() => false)
}

/** Whether a link may leave the application for the user's browser. */
export function mayOpenExternally(url: string): boolean {
  const parsed = URL.parse(url)
  return (
    parsed?.protocol === 'https:' &&
    externalHosts.includes(parsed.host) && // host holds the port too: only the default one is in the list
    parsed.username === '' &&
    parsed.password === ''
  )
}

export function openExternally(url: string): void {
  if (mayOpenExternally(url)) void shell.openExternal(url)
}

function guard(contents: WebContents): void {
  contents.setWindowOpenHandler(({ url }) => {
    openExternally(url)
    return { action: 'deny' }
  })
  contents.on('will-frame-navigate', (event) => {
    if (!isPageUrl(event.url) || !event.isMainFrame) event.preventDefault()
  })
  contents.on('will-redirect', (event) => event.preventDefault())
  contents.on('will-attach-webview', (event) => event.preventDefault())
}

/** Every window, present and future, stays on the page. */
export function denyNavigation(): void {
  app.on('web-contents-created', (_event, contents) => guard(contents))
}
