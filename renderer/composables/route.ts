// SPDX-License-Identifier: GPL-2.0-or-later
/**
 * Where the page is, as the hash of its address: #/HOST/POOL/TAB, #/HOST or #/HOST/~PART for a host itself, or #/~files
 * for the files of the lab.
 */

export const tabs = ['map', 'inspector', 'snapshots', 'kexec', 'audit', 'timeline', 'memory'] as const
export const tabTitles: Record<Tab, string> = {
  map: 'Map',
  inspector: 'Inspector',
  snapshots: 'Snapshots',
  kexec: 'Kexec',
  audit: 'Audit',
  timeline: 'Timeline',
  memory: 'Memory tests'
}
/** Parts of a host's own view; in the address as ~PART, where a pool's UUID would stand. */
export const hostParts = ['overview', 'physical', 'readiness'] as const
/** in the place of a host's id, none of which begins so */
export const filesPlace = '~files'
export type Tab = (typeof tabs)[number]
export type HostPart = (typeof hostParts)[number]

export interface Route {
  readonly host: string | null
  readonly pool: string | null
  /** of the host, when no pool is in view */
  readonly part: HostPart
  readonly tab: Tab
}

export const home: Route = { host: null, pool: null, part: 'overview', tab: 'map' }

export function parseRoute(hash: string): Route {
  const [host, pool, tab] = hash
    .replace(/^#?\/?/, '')
    .split('/')
    .map(decode)
  if (!host) return home
  const part = hostParts.find((known) => `~${known}` === pool)
  return {
    host,
    pool: part ? null : pool || null,
    part: part ?? 'overview',
    tab: tabs.find((known) => known === tab) ?? 'map'
  }
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return ''
  }
}

export function formatRoute({ host, pool, part, tab }: Route): string {
  if (!host) return '#/'
  const parts = pool ? [host, pool, tab] : part === 'overview' ? [host] : [host, `~${part}`]
  return `#/${parts.map(encodeURIComponent).join('/')}`
}
