// SPDX-License-Identifier: GPL-2.0-or-later
import { describe, expect, it } from 'vitest'
import type { Pool } from '@api'
import { checkPages, parsePage } from './page-range.ts'

const region = (firstPage: number, base: number): Pool['regions'][number] => ({
  index: 0,
  uuid: '',
  region: null,
  offset: 0,
  base,
  size: 1024 * 4096,
  firstPage,
  pages: 1024,
  dataFirst: firstPage,
  dataEnd: firstPage + 1024,
  directory: [],
  medium: 'memmap',
  numaNode: null,
  error: null
})
const shape = { pages: 2048, regions: [region(0, 0x10000000), region(1024, 0x40000000)] }

describe('parsePage', () => {
  it.each([
    ['0', 0],
    ['2048', 2048],
    ['2049', null],
    ['0x10000000', 0],
    ['0x10001fff', 1],
    ['0x40001000', 1025],
    ['0x20000000', null],
    ['page 3', null],
    ['-1', null]
  ])('%s is %s', (text, page) => expect(parsePage(shape, text)).toBe(page))
})

describe('checkPages', () => {
  it('leaves an end open that was not typed', () => {
    expect(checkPages(shape, '', ' ')).toEqual({ range: {}, wrong: null })
    expect(checkPages(shape, '5', '')).toEqual({ range: { from: 5 }, wrong: null })
  })
  it.each([
    ['9', '9'],
    ['2048', ''],
    ['nine', '']
  ])('refuses %s to %s with a reason', (from, to) => expect(checkPages(shape, from, to).wrong).not.toBeNull())
})
