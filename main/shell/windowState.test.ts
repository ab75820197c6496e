// SPDX-License-Identifier: GPL-2.0-or-later
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { fitState, minimumSize, readState, writeState } from './windowState.ts'

const left = { x: 0, y: 27, width: 1920, height: 1053 }
const right = { x: 1920, y: 0, width: 2560, height: 1440 }
const saved = { x: 100, y: 80, width: 1200, height: 800, maximized: false }
const usual = { width: 1440, height: 900 }

describe('the window’s place', () => {
  test.each([
    ['as it was left', saved, { x: 100, y: 80, width: 1200, height: 800 }],
    ['on the second display', { ...saved, x: 2000 }, { x: 2000, y: 80, width: 1200, height: 800 }],
    ['partly outside, title reachable', { ...saved, x: -1000 }, { x: -1000, y: 80, width: 1200, height: 800 }],
    ['larger than its display', { ...saved, width: 9000, height: 9000 }, { x: 100, y: 80, width: 1920, height: 1053 }],
    ['smaller than it can be', { ...saved, width: 10, height: 10 }, { x: 100, y: 80, ...minimumSize }]
  ])('%s', (_name, state, bounds) => {
    expect(fitState(state, [left, right]).bounds).toEqual(bounds)
  })

  test.each([
    ['its display is gone', { ...saved, x: 5000 }],
    ['its title is above the display', { ...saved, y: -40 }],
    ['its title is below the display', { ...saved, y: 2000 }]
  ])('left to the desktop when %s', (_name, state) => {
    expect(fitState(state, [left, right]).bounds).toEqual({ width: 1200, height: 800 })
  })

  test.each([
    ['nothing saved', undefined],
    ['not an object', 'window'],
    ['a missing field', { x: 1, y: 2, width: 900 }],
    ['no number', { ...saved, width: 'wide' }],
    ['not finite', { ...saved, x: Infinity }],
    ['negative size', { ...saved, height: -1 }]
  ])('as usual with %s', (_name, state) => {
    expect(fitState(state, [left])).toEqual({ bounds: usual, maximized: false })
  })

  test('maximised stays maximised', () => {
    expect(fitState({ ...saved, maximized: true }, [left]).maximized).toBe(true)
  })
})

describe('window.json', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'pmpool-window-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  test('gives back what was written, and leaves no draft', () => {
    const file = join(folder, 'data', 'window.json')
    writeState(file, { x: 100, y: 80, width: 1200, height: 800 }, true)
    expect(readState(file, [left])).toEqual({ bounds: { x: 100, y: 80, width: 1200, height: 800 }, maximized: true })
    expect(readdirSync(join(folder, 'data'))).toEqual(['window.json'])
  })

  test.each(['', '{"x": 1', '[]', '\0'])('content %j opens as usual', (content) => {
    const file = join(folder, 'window.json')
    writeFileSync(file, content)
    expect(readState(file, [left])).toEqual({ bounds: usual, maximized: false })
  })
})
