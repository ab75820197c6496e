// SPDX-License-Identifier: GPL-2.0-or-later
import { expect, test } from 'vitest'
import { formatRoute, home, parseRoute, type Route } from './route.ts'

const routes: Route[] = [
  home,
  { host: 'local', pool: null, tab: 'map' },
  { host: 'ssh:me@[::1]/x', pool: 'aa-bb', tab: 'kexec' }
]

test.each(routes)('%j comes back from its hash', (route) => {
  expect(parseRoute(formatRoute(route))).toEqual(route)
})

test.each([
  ['', home],
  ['#/%E0%A4%A', home],
  ['#/h/p/nonsense', { host: 'h', pool: 'p', tab: 'map' }]
])('%j is read without harm', (hash, route) => {
  expect(parseRoute(hash)).toEqual(route)
})
