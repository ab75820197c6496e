// SPDX-License-Identifier: GPL-2.0-or-later
// The physical memory of a host and its reservations, by the real helper: planned, kept, booted, and read back.
import { writeFileSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { errorCodes, rpcCodes, type HelperResult } from '../../main/api/index.ts'
import { answered, directory, mebibyte, onHosts, program, ready, shares, type Helper } from './helper-support.ts'

onHosts()

const region = { base: 0x100000000, size: 64 * mebibyte }
/** RAM behind the region of 64 MiB. */
const wanted = { base: 0x108000000, size: 32 * mebibyte, kind: 'reserved' } as const

const host = (): string => join(directory(), 'host')

/** A cold boot of the simulated host, with this in the file that its boot loader reads. */
async function boot(helper: Helper, cmdline: string): Promise<Helper> {
  await helper.end()
  writeFileSync(join(host(), 'etc/kernel/cmdline'), cmdline)
  const { status, stderr } = spawnSync(program, ['--simulate', host(), 'host', 'reset'], { encoding: 'utf8' })
  expect(status, stderr).toBe(0)
  return ready()
}

const levels = (checks: HelperResult<'host/readiness'>['checks']): Record<string, string> =>
  Object.fromEntries(checks.map(({ id, level }) => [id, level]))

it('firmware, kernel and command line differ by the reservation alone', async () => {
  const helper = await ready()
  const memory = await helper.ask('host/memory', {})
  expect(memory.regions).toStrictEqual([{ ...region, id: 'mem:0x100000000', usable: true, pools: 0 }])
  expect(memory.options).toStrictEqual([{ ...region, text: 'memmap=64M$0x100000000', kind: 'reserved' }])
  expect(memory.differences).toStrictEqual([
    { ...region, firmware: 'System RAM', kernel: 'Reserved', option: 'memmap=64M$0x100000000' }
  ])
  expect(memory.firmware?.some(({ type }) => type === 'ACPI Tables')).toBe(true)
  for (const { base, size } of memory.free) {
    const inside = memory.kernel.filter((range) => range.base < base + size && base < range.base + range.size)
    expect(inside.map(({ name }) => name)).toStrictEqual(['System RAM'])
  }
})

it('a host that is ready passes each check, and names what is not', async () => {
  const helper = await ready()
  const { bootId } = await helper.ask('host/info', {})
  const before = await helper.ask('host/readiness', {})
  expect(before.bootId).toBe(bootId)
  expect(new Set(Object.values(levels(before.checks)))).toStrictEqual(new Set(['pass']))
  writeFileSync(join(host(), 'proc/sys/kernel/kexec_load_disabled'), '1\n')
  const after = await helper.ask('host/readiness', {})
  expect(levels(after.checks)).toStrictEqual({ ...levels(before.checks), 'load-disabled': 'fail' })
})

it('what was planned is kept, waits for the boot, and arrives', async () => {
  const helper = await ready()
  const plan = await helper.ask('reservation/plan', wanted)
  expect(plan.option).toBe('memmap=32M$0x108000000')
  expect(plan.checks.filter(({ level }) => level === 'fail')).toStrictEqual([])
  expect(plan.loaders.map(({ id, found }) => [id, found])).toStrictEqual([
    ['systemd-boot', true],
    ['grub', false],
    ['bls', false],
    ['extlinux', false],
    ['plain', false]
  ])
  const kept = await helper.ask('reservation/keep', wanted)
  expect(kept).toMatchObject({ ...wanted, option: plan.option, state: 'waiting' })
  const line = plan.loaders.find(({ id }) => id === 'systemd-boot')?.line ?? ''
  const next = await boot(helper, line)
  const { reservations } = await next.ask('reservation/list', {})
  expect(reservations).toMatchObject([{ id: kept.id, state: 'arrived', keptBootId: kept.keptBootId }])
  expect(Object.values(levels(reservations[0]?.checks ?? []))).toStrictEqual(['pass', 'pass', 'pass'])
  const { uuid } = await next.ask('pool/create', { region: 'mem:0x108000000', name: 'arrived' })
  expect((await next.ask('pool/info', { pool: uuid })).name).toBe('arrived')
})

it('what arrives otherwise differs, place by place', async () => {
  const first = await ready()
  await first.ask('reservation/keep', wanted)
  const helper = await boot(first, 'ro memmap=64M$0x100000000 memmap=32MG')
  const { reservations } = await helper.ask('reservation/list', {})
  expect(reservations).toMatchObject([{ state: 'differs' }])
  expect(reservations[0]?.checks.find(({ id }) => id === 'cmdline')).toMatchObject({
    level: 'fail',
    title: 'The `$` was lost on the way'
  })
  expect(levels((await helper.ask('host/readiness', {})).checks)['memmap-eaten']).toBe('fail')
})

it('what is kept twice is one, and can be forgotten', async () => {
  const helper = await ready()
  const { id } = await helper.ask('reservation/keep', wanted)
  expect((await helper.ask('reservation/keep', wanted)).id).toBe(id)
  const pmem = await helper.ask('reservation/keep', { ...wanted, kind: 'pmem' })
  expect(pmem.option).toBe('memmap=32M!0x108000000')
  const listed = (await helper.ask('reservation/list', {})).reservations.map((one) => one.id)
  expect(listed.sort()).toStrictEqual([id, pmem.id].sort())
  await helper.ask('reservation/forget', { id })
  expect((await helper.ask('reservation/list', {})).reservations.map((one) => one.id)).toStrictEqual([pmem.id])
  expect((await helper.refusal('reservation/forget', { id })).code).toBe(errorCodes['file-not-found'])
})

it('files of somebody else in the folder are left alone', async () => {
  const helper = await ready()
  const { id } = await helper.ask('reservation/keep', wanted)
  const folder = join(host(), 'var/lib/pmpool/reservations')
  writeFileSync(join(folder, 'rubbish.json'), '{"id":')
  writeFileSync(join(folder, 'other.json'), '{"id":"other","base":-1,"size":0,"kind":"x","keptAt":"","keptBootId":7}')
  expect((await helper.ask('reservation/list', {})).reservations.map((one) => one.id)).toStrictEqual([id])
})

it.each([
  [{ ...wanted, size: 0 }, errorCodes['out-of-range'], errorCodes['region-unaligned']],
  [{ ...wanted, base: 2 ** 53 - 4096, size: 8192 }, errorCodes['out-of-range'], errorCodes['region-unaligned']],
  [{ ...wanted, kind: 'other' }, rpcCodes.invalidParams, rpcCodes.invalidParams],
  [{ base: 0, size: 4096 }, rpcCodes.invalidParams, rpcCodes.invalidParams]
])('%j is no range', async (params, plan, keep) => {
  const helper = await ready()
  expect((await helper.refusal('reservation/plan', params)).code).toBe(plan)
  expect((await helper.refusal('reservation/keep', params)).code).toBe(keep)
})

it('every method of this file answered in it', () => {
  expect(shares.host.filter((method) => !answered.has(method))).toStrictEqual([])
})
