// SPDX-License-Identifier: GPL-2.0-or-later
import { describe, expect, it } from 'vitest'
import type { Check } from '@api'
import { planWords, readinessWords } from './plan-words.ts'
import { commandsOf, differenceOf, meaningOf } from './readiness.ts'

const check = (level: Check['level'], id = level): Check => ({ id, level, title: '', detail: '', remedy: '' })

describe('readiness in one sentence', () => {
  it.each([
    [['pass', 'pass'], 'good', /^A kexec from here keeps the pool’s memory$/],
    [['pass', 'warn'], 'warn', /keeps the pool’s memory; 1 thing to know/],
    [['fail', 'warn'], 'bad', /^One thing stands against/],
    [['fail', 'fail'], 'bad', /^2 things stand against/]
  ] as const)('%s', (levels, tone, text) => {
    const words = readinessWords(levels.map((level) => check(level)))
    expect(words.tone).toBe(tone)
    expect(words.text).toMatch(text)
  })

  it('and a plan', () => {
    expect(planWords({ checks: [check('pass')] }).text).toBe('This range can be reserved')
    expect(planWords({ checks: [check('fail')] }).tone).toBe('bad')
  })
})

describe('a check', () => {
  it('that passes says what it means only where two sound alike', () => {
    const told = ['systemd', 'kexec-target', 'cma'].map((id) => differenceOf({ ...check('pass'), id }))
    expect(told.map(Boolean)).toEqual([true, true, false])
    expect(told[0]).not.toBe(told[1])
  })

  it.each([
    ['in backticks', 'Unbind it (`ndctl disable-namespace all`).', ['ndctl disable-namespace all']],
    ['to be filled in first', 'Choose: `pmpool reservation plan BASE SIZE` says more.', []],
    ['none', 'Reserve it with `$`, and look at `/proc/cmdline`.', []]
  ])('has its commands to copy: %s', (_name, remedy, commands) => expect(commandsOf(remedy)).toEqual(commands))

  it('of each region means the same', () => {
    expect(meaningOf({ ...check('pass'), id: 'now-reserved-3' })).toBe(
      meaningOf({ ...check('pass'), id: 'now-reserved' })
    )
    expect(meaningOf({ ...check('pass'), id: 'now-reserved' })).toContain('command line')
    expect(meaningOf({ ...check('pass'), id: 'new' })).toBe('')
  })
})
