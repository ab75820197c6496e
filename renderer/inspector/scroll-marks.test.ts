// SPDX-License-Identifier: GPL-2.0-or-later
import { expect, test } from 'vitest'
import { bandsOf, extentsOf } from './scroll-marks.ts'

const tebibyte = 2 ** 40

test.each([
  ['one byte is seen', [[0, 1]], [[0, 2]]],
  ['the last byte too', [[tebibyte - 1, tebibyte]], [[98, 2]]],
  ['as long as it is', [[tebibyte / 4, tebibyte / 2]], [[25, 25]]],
  [
    'neighbours are one band',
    [
      [0, 1],
      [4096, 4097],
      [tebibyte / 50, tebibyte / 50 + 1]
    ],
    [[0, 4]]
  ],
  ['nothing is nothing', [], []]
] as const)('%s', (_, extents, bands) => {
  const given = extents.map(([from, to]) => ({ from, to }))
  expect(bandsOf(given, tebibyte, 100)).toEqual(bands.map(([y, height]) => ({ y, height })))
})

test('offsets beside each other, or over each other, are one extent', () => {
  expect(extentsOf([1, 2, 3, 7])).toEqual([
    { from: 1, to: 4 },
    { from: 7, to: 8 }
  ])
  expect(extentsOf([0, 2, 8], 4)).toEqual([
    { from: 0, to: 6 },
    { from: 8, to: 12 }
  ])
})
