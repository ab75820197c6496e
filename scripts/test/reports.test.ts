// SPDX-License-Identifier: GPL-2.0-or-later
// What each runner's report comes to. The reports are cut down from real ones.
import { describe, expect, test } from 'vitest'
import { readLog } from './meson.ts'
import { failure, judged, nothing, sum } from './outcome.ts'
import { readReport as readPlaywright } from './playwright.ts'
import { readReport as readVitest } from './vitest.ts'

describe("Meson's log", () => {
  const cmocka =
    '1..3\nok 1 - a\nnot ok 2 - b\n# 0x1 != 0x2\n# t.c:7: error: Failure!\nnot ok 3 # SKIP k\n# not ok - grp\n'

  test.each([
    ['cmocka, one case', { result: 'OK', returncode: 0, stdout: '1..1\nok 1 - a\n# ok - grp\n' }, 1, [], []],
    [
      'cmocka, all kinds',
      { result: 'FAIL', returncode: 1, stdout: cmocka },
      1,
      ['t: b: 0x1 != 0x2'],
      ['t: k: gives no reason']
    ],
    [
      'cmocka as TAP, skips',
      { result: 'FAIL', returncode: 0, stdout: 'ok 1 - a\nneeds root\nnot ok 2 # SKIP k\n' },
      1,
      [],
      ['t: k: needs root']
    ],
    [
      'dies after a case',
      { result: 'FAIL', returncode: -11, stdout: 'ok 1 - a\n' },
      1,
      ['t: fail, exit code -11: ok 1 - a'],
      []
    ],
    ['an executable without cases', { result: 'OK', returncode: 0, stdout: 'done\n' }, 1, [], []],
    ['a skip with its reason', { result: 'SKIP', returncode: 77, stdout: 'no /dev/dax\n' }, 0, [], ['t: no /dev/dax']],
    ['a time-out', { result: 'TIMEOUT', returncode: -15 }, 0, ['t: timeout, exit code -15: '], []]
  ])('%s', (_title, run, passed, failed, skipped) => {
    const outcome = readLog(`${JSON.stringify({ name: 't', ...run })}\n`)
    const words = (cases: typeof outcome.failed): string[] => cases.map(({ name, reason }) => `${name}: ${reason}`)
    expect([outcome.passed, words(outcome.failed), words(outcome.skipped)]).toEqual([passed, failed, skipped])
  })
})

test("Vitest's report", () => {
  const assertionResults = [
    { fullName: 'adds', status: 'passed' },
    { fullName: 'takes', status: 'failed', failureMessages: ['\u001b[31mError: 1\u001b[39m\n  at x'] },
    { fullName: 'waits', status: 'pending' }
  ]
  expect(
    readVitest({
      testResults: [
        { name: 'a.test.ts', status: 'failed', assertionResults },
        { name: 'b.test.ts', status: 'failed', message: 'does not parse', assertionResults: [] }
      ]
    })
  ).toEqual({
    passed: 1,
    failed: [
      { name: 'takes', reason: 'Error: 1' },
      { name: 'b.test.ts', reason: 'does not parse' }
    ],
    skipped: [{ name: 'waits', reason: 'marked pending' }]
  })
})

test("Playwright's report", () => {
  const spec = (
    title: string,
    status: 'expected' | 'unexpected' | 'flaky' | 'skipped',
    description?: string
  ): object => ({
    title,
    tests: [
      {
        status,
        annotations: description ? [{ type: 'skip', description }] : [],
        results: [{ error: status === 'unexpected' ? { message: 'Error: no page\n  more' } : undefined }]
      }
    ]
  })
  const suites = [
    {
      title: 'a.spec.ts',
      specs: [spec('opens', 'expected')],
      suites: [{ title: 'map', specs: [spec('draws', 'unexpected')] }]
    },
    {
      title: 'b.spec.ts',
      specs: [spec('real', 'skipped', 'no Electron here'), spec('once', 'flaky'), spec('bare', 'skipped')]
    }
  ]
  expect(readPlaywright({ suites, errors: [{ message: 'no such file' }] } as never)).toEqual({
    passed: 1,
    failed: [
      { name: 'a.spec.ts › map › draws', reason: 'Error: no page' },
      { name: 'b.spec.ts › once', reason: 'flaky' },
      { name: 'playwright', reason: 'no such file' }
    ],
    skipped: [
      { name: 'b.spec.ts › real', reason: 'no Electron here' },
      { name: 'b.spec.ts › bare', reason: 'gives no reason' }
    ]
  })
})

describe('a runner', () => {
  test.each([
    ['that ran no test has failed', nothing, 0, failure('r', 'ran no test')],
    ['that could not run has failed', nothing, 127, failure('r', 'exit code 127')],
    [
      'that fails with all tests passed has failed',
      { ...nothing, passed: 2 },
      1,
      { ...failure('r', 'exit code 1'), passed: 2 }
    ],
    ['with all tests passed has passed', { ...nothing, passed: 2 }, 0, { ...nothing, passed: 2 }],
    ['with a failed test has that failure only', failure('t', 'x'), 1, failure('t', 'x')]
  ])('%s', (_title, reported, code, outcome) => {
    expect(judged('r', reported, code)).toEqual(outcome)
  })
})

test('outcomes add up', () => {
  expect(
    sum([{ ...nothing, passed: 2 }, failure('a', 'x'), { ...nothing, skipped: [{ name: 'b', reason: 'y' }] }])
  ).toEqual({
    passed: 2,
    failed: [{ name: 'a', reason: 'x' }],
    skipped: [{ name: 'b', reason: 'y' }]
  })
})
