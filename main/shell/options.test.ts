// SPDX-License-Identifier: GPL-2.0-or-later
import { expect, test } from 'vitest'
import { UsageError } from '../serve/options.ts'
import { readOptions } from './options.ts'

test('the lab’s options are found among Electron’s and Chromium’s', () => {
  const argv = ['/opt/pmpool-lab/pmpool-lab', '--no-sandbox', '.', '--ozone-platform=x11', '--data', '/srv/lab']
  expect(readOptions([...argv, '--host', 'one', '--host=two', '--no-simulated', 'file'])).toMatchObject({
    data: '/srv/lab',
    hosts: ['one', 'two'],
    simulated: false,
    sshConfig: undefined
  })
})

test.each([
  ['an ssh option for a host', ['--host=-oProxyCommand=x']],
  ['no value', ['--data']],
  ['an empty path', ['--data=']],
  ['a size without sense', ['--region-size=big']]
])('%s is refused', (_what, args) => {
  expect(() => readOptions(['electron', '.', ...args])).toThrow(UsageError)
})
