// SPDX-License-Identifier: GPL-2.0-or-later
import { expect, test } from 'vitest'
import type { Command } from '../stores/commands.ts'
import { findCommands } from './find-commands.ts'

const command = (title: string, group: Command['group']): Command => ({ id: title, title, group, run: () => undefined })
const commands = [
  command('Create a pool …', 'Pool'),
  command('Delete the pool …', 'Pool'),
  command('Copy the UUID of the pool', 'Pool'),
  command('Free …', 'Allocation'),
  command('Next free run', 'Map')
]

test.each([
  ['', commands.map(({ title }) => title)],
  ['free', ['Free …', 'Next free run']],
  ['map free', ['Next free run']],
  ['POOL del', ['Delete the pool …']],
  ['nothing', []]
])('%j finds %j', (wanted, titles) => {
  expect(findCommands(commands, wanted).map(({ title }) => title)).toEqual(titles)
})
