// SPDX-License-Identifier: GPL-2.0-or-later
/** Where the page is, as the hash of its address: #/HOST/POOL/TAB, or #/~files for the files of the lab. */

export const tabs = ['map', 'snapshots', 'kexec', 'audit', 'memory', 'log'] as const
/** in the place of a host's id, none of which begins so */
export const filesPlace = '~files'
export type Tab = (typeof tabs)[number]

export interface Route {
  readonly host: string | null
  readonly pool: string | null
  readonly tab: Tab
}

export const home: Route = { host: null, pool: null, tab: 'map' }

export function parseRoute(hash: string): Route {
  const [host, pool, tab] = hash
    .replace(/^#?\/?/, '')
    .split('/')
    .map(decode)
  if (!host) return home
  return { host, pool: pool || null, tab: tabs.find((known) => known === tab) ?? 'map' }
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return ''
  }
}

export function formatRoute({ host, pool, tab }: Route): string {
  if (!host) return '#/'
  const parts = pool ? [host, pool, tab] : [host]
  return `#/${parts.map(encodeURIComponent).join('/')}`
}
