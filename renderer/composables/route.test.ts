// SPDX-License-Identifier: GPL-2.0-or-later
import { expect, test } from 'vitest'
import { formatRoute, home, parseRoute, type Route } from './route.ts'

const routes: Route[] = [
  home,
  { host: 'local', pool: null, part: 'readiness', tab: 'map' },
  { host: 'ssh:me@[::1]/x', pool: 'aa-bb', part: 'overview', tab: 'kexec' }
]

test.each(routes)('%j comes back from its hash', (route) => {
  expect(parseRoute(formatRoute(route))).toEqual(route)
})

test.each([
  ['', home],
  ['#/%E0%A4%A', home],
  ['#/h/p/nonsense', { host: 'h', pool: 'p', part: 'overview', tab: 'map' }]
])('%j is read without harm', (hash, route) => {
  expect(parseRoute(hash)).toEqual(route)
})
