// SPDX-License-Identifier: GPL-2.0-or-later
import { describe, expect, test } from 'vitest'
import { isPageUrl, mayOpenExternally } from './urls.ts'

describe('the page’s own URLs', () => {
  test.each([
    ['app://lab/', true],
    ['app://lab/assets/index.js', true],
    ['app://lab', true],
    ['app://other/', false],
    ['app://lab.example/', false],
    ['app://lab@other/', false],
    ['https://lab/', false],
    ['file:///etc/passwd', false],
    ['about:blank', false],
    ['', false],
    ['null', false]
  ])('%s: %s', (url, own) => {
    expect(isPageUrl(url)).toBe(own)
  })
})

describe('links that may open in the user’s browser', () => {
  test.each([
    ['https://docs.kernel.org/admin-guide/kernel-parameters.html', true],
    ['https://lore.kernel.org/all/', true],
    ['http://docs.kernel.org/', false],
    ['https://docs.kernel.org:8443/', false],
    ['https://docs.kernel.org.example/', false],
    ['https://docs.kernel.org@evil.example/', false],
    ['https://user:word@docs.kernel.org/', false],
    ['https://evil.example/docs.kernel.org', false],
    ['file:///etc/passwd', false],
    ['javascript:alert(1)', false],
    ['smb://docs.kernel.org/share', false],
    ['nonsense', false]
  ])('%s: %s', (url, may) => {
    expect(mayOpenExternally(url)).toBe(may)
  })
})
