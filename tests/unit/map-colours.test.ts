// SPDX-License-Identifier: GPL-2.0-or-later
// The map's colours of high contrast hold what WCAG asks of graphical objects.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { inProject } from '../../scripts/lib/root.mjs'

const tokens = readFileSync(inProject('renderer', 'style', 'tokens.css'), 'utf8')
const categoryColours = 10
const least = 3 // WCAG 1.4.11, graphical objects

function luminance(hex: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!
}
function contrast(one: string, other: string): number {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b)
  return (high! + 0.05) / (low! + 0.05)
}

const blockOf = (theme: string): string => tokens.split(`:root[data-contrast='more'][data-theme='${theme}'] {`)[1] ?? ''
const token = (theme: string, name: string): string =>
  new RegExp(`--${name}: (#[0-9a-f]{6});`).exec(blockOf(theme).split('}')[0]!)?.[1] ?? ''

const hues = Array.from({ length: categoryColours }, (_, hue) => `map-category-${hue + 1}`)
const all = [...hues, 'map-allocated', 'map-named', 'map-bad', 'map-unlisted', 'map-others']
all.push('map-metadata', 'map-ramp-low', 'map-ramp-middle', 'map-ramp-high')

test.each(['light', 'dark'])('with more contrast, %s: every category stands out from free cells', (theme) => {
  const free = token(theme, 'map-free')
  for (const name of all) expect(contrast(token(theme, name), free), name).toBeGreaterThanOrEqual(least)
})

test.each(['light', 'dark'])('with more contrast, %s: no two categories look the same', (theme) => {
  expect(new Set([...hues, 'map-bad'].map((name) => token(theme, name))).size).toBe(categoryColours + 1)
})
