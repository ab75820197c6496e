// SPDX-License-Identifier: GPL-2.0-or-later
import { describe, expect, test } from 'vitest'
import { orderOfSize, useWhere } from './use-where.ts'

test.each([
  ['4K', 0],
  ['2M', 9],
  ['1 GiB', 18],
  ['0x1000', 0],
  ['3M', null],
  ['2K', null],
  ['', null]
])('%s is order %s', (text, order) => {
  expect(orderOfSize(text)).toBe(order)
})

describe('where', () => {
  test('nothing typed constrains nothing', () => {
    const where = useWhere(() => 'order')
    expect(where.request.value).toEqual({ placement: 'first' })
    expect(where.wrong.value).toBe('')
  })

  test('for DMA: below 4 GiB, within one block of 1 GiB, on one region', () => {
    const where = useWhere(() => 'pages')
    where.to.value = '4G'
    where.within.value = '1G'
    where.align.value = '64K'
    where.place.value = 'region 1'
    expect(where.request.value).toEqual({
      alignOrder: 4,
      withinOrder: 18,
      addressTo: 2 ** 32,
      placement: 'region',
      node: 1
    })
    expect(where.options.value.filter(([, value]) => value)).toEqual([
      ['align', '64K'],
      ['within', '1G'],
      ['to', '4G'],
      ['place', 'region=1']
    ])
  })

  test.each([
    ['align', '3M', 'An alignment'],
    ['within', 'x', 'A block'],
    ['from', 'y', 'An address'],
    ['to', '0', 'The range is empty']
  ] as const)('%s = %s is refused', (field, text, message) => {
    const where = useWhere(() => 'pages')
    where[field].value = text
    expect(where.wrong.value).toContain(message)
  })

  test('an order brings its own alignment', () => {
    const where = useWhere(() => 'order')
    where.align.value = 'nonsense'
    expect(where.wrong.value).toBe('')
    expect(where.request.value).not.toHaveProperty('alignOrder')
  })
})
