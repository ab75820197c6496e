// SPDX-License-Identifier: GPL-2.0-or-later

/** The page's own scheme and host: nothing else is ever loaded into a window. */
export const pageScheme = 'app'
export const pageHost = 'lab'
export const pageUrl = `${pageScheme}://${pageHost}/`

/** Whether a URL (or an origin) is the page's; URL.origin is "null" for schemes of one's own. */
export function isPageUrl(url: string): boolean {
  const parsed = URL.parse(url)
  return parsed?.protocol === `${pageScheme}:` && parsed.host === pageHost
}

/** Hosts whose https pages a link may open in the user's own browser. */
const externalHosts: readonly string[] = ['docs.kernel.org', 'lore.kernel.org', 'www.freedesktop.org']

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
