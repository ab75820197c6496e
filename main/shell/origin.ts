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
