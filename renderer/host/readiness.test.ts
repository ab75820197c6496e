// SPDX-License-Identifier: GPL-2.0-or-later
import { describe, expect, it } from 'vitest'
import type { Check } from '@api'
import { planWords, readinessWords } from './plan-words.ts'
import { commandsOf } from './readiness.ts'

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

describe('commands in a remedy', () => {
  it.each([
    ['in backticks', 'Run `sysctl kernel.kexec_load_disabled` to see it.', ['sysctl kernel.kexec_load_disabled']],
    ['on a line', 'Boot once more, then\nsudo update-grub', ['sudo update-grub']],
    ['none', 'Only a reboot takes it back; `/proc/cmdline` tells.', []]
  ])('%s', (_name, remedy, commands) => expect(commandsOf(remedy)).toEqual(commands))
})
