// SPDX-License-Identifier: GPL-2.0-or-later
import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, test } from 'vitest'
import { failure, PmpoolError } from '@api/failure.ts'
import { useTasks } from './tasks.ts'

beforeEach(() => setActivePinia(createPinia()))

const fail = (error: Error) => (): Promise<never> => Promise.reject(error)

test('an act that failed stays in sight', async () => {
  const tasks = useTasks()
  await expect(tasks.run('Restore', fail(failure('helper-gone', 'it ended')))).rejects.toThrow('it ended')
  expect(tasks.tasks.map(({ title, state }) => [title, state])).toEqual([['Restore', 'failed']])
})

test('the question for a word is thrown on, and is no act that failed', async () => {
  const tasks = useTasks()
  const asked = new PmpoolError({ code: 1003, name: 'confirm-needed', message: 'word?', reason: '', remedy: '' })
  await expect(tasks.run('Restore', fail(asked))).rejects.toThrow('word?')
  expect(tasks.tasks).toEqual([])
})
