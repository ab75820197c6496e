// SPDX-License-Identifier: GPL-2.0-or-later
import { expect, test, vi } from 'vitest'
import { fromWire } from '@api/failure.ts'
import { useConfirmed } from './use-confirmed.ts'

const refusal = fromWire({
  code: 1209,
  message: 'It is there.',
  data: { name: 'confirm-needed', reason: '', remedy: '', confirm: 'restore-lab' }
})

test('the word that the refusal names is asked for, and sent the next time', async () => {
  const act = vi.fn((confirm?: string) =>
    confirm === 'restore-lab' ? Promise.resolve(confirm) : Promise.reject(refusal)
  )
  const { run, wanted, word, ready, error } = useConfirmed(act)
  expect(ready.value).toBe(true)
  expect(await run()).toBeUndefined()
  expect(wanted.value).toBe('restore-lab')
  expect(ready.value).toBe(false)
  word.value = 'restore-lab'
  expect(ready.value).toBe(true)
  expect(await run()).toBe('restore-lab')
  expect([wanted.value, word.value, error.value]).toEqual([null, '', null])
  expect(act.mock.calls).toEqual([[undefined], ['restore-lab']])
})
