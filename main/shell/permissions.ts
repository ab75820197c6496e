// SPDX-License-Identifier: GPL-2.0-or-later
// What the page may do beyond showing itself: copy text to the clipboard, and nothing else.
import { app, shell, type Session, type WebContents } from 'electron'
import { isPageUrl, mayOpenExternally } from './urls.ts'

const grantedPermissions: readonly string[] = ['clipboard-sanitized-write']

const granted = (permission: string, url: string): boolean => grantedPermissions.includes(permission) && isPageUrl(url)

export function denyPermissions(session: Session): void {
  session.setPermissionRequestHandler((_contents, permission, answer, { requestingUrl }) =>
    answer(granted(permission, requestingUrl))
  )
  session.setPermissionCheckHandler((_contents, permission, origin) => granted(permission, origin))
  session.setDevicePermissionHandler(() => false)
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
