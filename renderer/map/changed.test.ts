// SPDX-License-Identifier: GPL-2.0-or-later
import { expect, test } from 'vitest'
import { changedLegend, changedPicture } from './changed.ts'
import { paintCells } from './cells.ts'
import { pixelOf, type Palette } from './palette.ts'

const palette = {
  free: '#aaaaaa',
  metadata: '#bbbbbb',
  bad: '#ff0000',
  named: '#00ff00',
  ground: '#ffffff'
} as Palette
const regions = [{ firstPage: 0, pages: 10, base: 0, dataFirst: 1, dataEnd: 9, directory: [], error: null }]
const colourOf = Object.fromEntries(changedLegend(palette).map(({ key, colour }) => [key, pixelOf(colour)]))

const keysOf = (level: number, cells: number, runs: { page: number; pages: number }[]): (string | undefined)[] => {
  const picture = changedPicture(regions, [{ page: 2, pages: 3 }], runs, palette)
  return [...paintCells(picture, level, 0, cells).colours].map((colour) =>
    ['changed', 'expected', 'metadata', 'free'].find((key) => colourOf[key] === colour)
  )
}

test('changed pages lie over expected ones, nothing reaches past the pool', () => {
  const runs = [
    { page: 8, pages: 40 },
    { page: 3, pages: 1 }
  ]
  expect(keysOf(0, 10, runs)).toEqual([
    'metadata',
    'free',
    'expected',
    'changed',
    'expected',
    'free',
    'free',
    'free',
    'changed',
    'changed'
  ])
})

test('a single changed page is not lost among the others of a cell', () => {
  expect(keysOf(3, 2, [{ page: 5, pages: 1 }])).toEqual(['changed', 'free'])
})
