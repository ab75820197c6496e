// SPDX-License-Identifier: GPL-2.0-or-later
// A real kernel's memory map, its readiness, and a planned reservation that arrives with the next boot, and is held
// against what was meant.
import { expect, test } from '@playwright/test'
import type { Check, HelperResult } from '../../main/api/index.ts'
import { guestInitrd, guestKernel, LabVm, shellQuote } from './driver.ts'
import { helperBinary } from './helper.ts'
import { parseIomem, takenOf } from './iomem.ts'
import { ask, pmpool, shell } from './pmpool.ts'

const mebibyte = 2 ** 20
const first = { base: 0x10000000, size: 64 * mebibyte }
const size = 32 * mebibyte

const of = (checks: readonly Check[], level: Check['level']): string[] =>
  checks.filter((check) => check.level === level).map(({ id, detail }) => `${id}: ${detail}`)

/** Bytes by name, of the helper's map and of a reader of its own. */
function expectSameMap(memory: HelperResult<'host/memory'>, iomem: string): void {
  const theirs = memory.kernel.map(({ base, size, name }) => ({ first: base, last: base + size - 1, name }))
  expect(memory.hidden).toBe(false)
  expect(takenOf(theirs, 0, memory.end)).toEqual(takenOf(parseIomem(iomem), 0, memory.end))
}

test('a reservation is planned, kept, and arrives', async () => {
  const vm = await LabVm.start({ helper: helperBinary, append: ['memmap=64M$0x10000000'] })
  try {
    const [iomem, memory, ready] = await ask(
      vm,
      shell('cat /proc/iomem'),
      pmpool('host/memory', 'host', 'memory'),
      pmpool('host/readiness', 'host', 'readiness')
    )
    expectSameMap(memory, iomem)
    expect(memory.differences).toContainEqual({
      ...first,
      firmware: 'System RAM',
      kernel: 'Reserved',
      option: 'memmap=64M$0x10000000'
    })
    expect(of(ready.checks, 'fail')).toEqual([])
    const stretch = memory.free.findLast((free) => free.size >= 2 * size)
    expect(stretch, JSON.stringify(memory.free)).toBeDefined()
    const { base } = stretch!

    const [plan, kept, waiting] = await ask(
      vm,
      pmpool('reservation/plan', 'reservation', 'plan', base, size),
      pmpool('reservation/keep', 'reservation', 'keep', base, size),
      pmpool('reservation/list', 'reservation', 'list')
    )
    expect(of(plan.checks, 'fail')).toEqual([])
    expect(plan.checks.map(({ id }) => id)).toContain('initrd')
    expect(waiting.reservations).toMatchObject([{ id: kept.id, state: 'waiting' }])

    const before = await vm.bootId()
    await vm.ssh(
      `kexec -s -l ${guestKernel} --initrd=${guestInitrd} --command-line=${shellQuote(plan.cmdline)} && ` +
        'systemctl kexec --no-block'
    )
    await vm.waitReady({ notBootId: before })
    const [iomemAfter, memoryAfter, arrived, readyAfter, disabled] = await ask(
      vm,
      shell('cat /proc/iomem'),
      pmpool('host/memory', 'host', 'memory'),
      pmpool('reservation/list', 'reservation', 'list'),
      pmpool('host/readiness', 'host', 'readiness'),
      shell('echo 1 > /proc/sys/kernel/kexec_load_disabled') // one-way: last
    )
    expect(disabled).toBe('')
    expectSameMap(memoryAfter, iomemAfter)
    expect(memoryAfter.options.filter(({ kind }) => kind === 'reserved')).toMatchObject([first, { base, size }])
    expect(arrived.reservations).toMatchObject([{ id: kept.id, base, size, state: 'arrived' }])
    expect(of(arrived.reservations[0]?.checks ?? [], 'pass')).toHaveLength(3)
    expect(of(readyAfter.checks, 'fail')).toEqual([])
    const [last] = await ask(vm, pmpool('host/readiness', 'host', 'readiness'))
    expect(last.checks.filter(({ level }) => level === 'fail').map(({ id }) => id)).toEqual(['load-disabled'])
  } finally {
    await vm.stop()
  }
})
