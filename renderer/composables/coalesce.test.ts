// SPDX-License-Identifier: GPL-2.0-or-later
import { expect, test } from 'vitest'
import { coalesce } from './coalesce.ts'

function gate(): { opened: Promise<void>; open: () => void } {
  let open = (): void => undefined
  const opened = new Promise<void>((done) => (open = done))
  return { opened, open }
}

test('calls while it runs become one more run', async () => {
  const gates = [gate(), gate(), gate()]
  let runs = 0
  const read = coalesce(() => gates[runs++]!.opened)
  const first = read()
  const later = [read(), read(), read()]
  expect(runs).toBe(1)
  gates[0]!.open()
  await first
  gates[1]!.open()
  await Promise.all(later)
  expect(runs).toBe(2)
  gates[2]!.open()
  await read()
  expect(runs).toBe(3)
})

test('a failed run does not stop the next one', async () => {
  let runs = 0
  const read = coalesce(() => (runs++ === 0 ? Promise.reject(new Error('no')) : Promise.resolve()))
  const first = read()
  const second = read()
  await expect(first).rejects.toThrow('no')
  await expect(second).resolves.toBeUndefined()
  expect(runs).toBe(2)
})
