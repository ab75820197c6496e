// SPDX-License-Identifier: GPL-2.0-or-later
// Safety rule 1 on a real kernel: what may not be touched is refused, each case with its own code, reason and way out.
import { expect, test } from '@playwright/test'
import { z } from 'zod'
import { helperMethods, type Region } from '../../main/api/index.ts'
import { LabVm } from './driver.ts'
import { helperBinary } from './helper.ts'

const failure = z.object({
  error: z.object({ code: z.number(), name: z.string(), message: z.string(), reason: z.string(), remedy: z.string() })
})

async function regions(vm: LabVm): Promise<Map<number, Region>> {
  const { stdout } = await vm.ssh('pmpool --json region list')
  const list = helperMethods['region/list'].result.parse(JSON.parse(stdout)).regions
  return new Map(list.map((region) => [region.base, region]))
}

/** The refusal of an act on the region: its JSON error, which names what happened, why, and what to do. */
async function refusal(vm: LabVm, regionId: string): Promise<z.infer<typeof failure>['error']> {
  const result = await vm.ssh(`pmpool --json pool create refused --region '${regionId}'`, { allowFailure: true })
  expect(result.code, result.stderr).toBe(1)
  const { error } = failure.parse(JSON.parse(result.stdout || result.stderr))
  for (const text of [error.message, error.reason, error.remedy]) expect(text).not.toBe('')
  return error
}

test('ranges that are not ours are refused by name, on one kernel', async () => {
  const vm = await LabVm.start({
    helper: helperBinary,
    append: [
      'memmap=64M$0x10000000',
      'pmpool=0x10000000,32M', // inside: ours
      'pmpool=0x12000000,64M', // half in it, half in System RAM
      'pmpool=0x8000000,16M', // System RAM
      'pmpool=0xfffc0000,256K' // the firmware's own reservation: nobody gave it to us
    ]
  })
  try {
    const cases = [
      { base: 0x12000000, name: 'region-mixed' },
      { base: 0x8000000, name: 'region-system-ram' },
      { base: 0xfffc0000, name: 'region-not-reserved' }
    ]
    const list = await regions(vm)
    const ours = list.get(0x10000000)
    expect(ours?.refused).toBeNull()
    for (const { base, name } of cases) {
      const region = list.get(base)
      expect(region?.refused?.name, `0x${base.toString(16)}`).toBe(name)
      expect((await refusal(vm, region?.id ?? '')).name).toBe(name)
    }
    expect((await refusal(vm, 'mem:0x14000000')).name).toBe('region-not-found')

    // the same range is fine until /dev/mem goes
    await vm.ssh(`pmpool pool create ours --region '${ours?.id}'`)
    await vm.ssh('mv /dev/mem /dev/mem.away')
    expect((await refusal(vm, ours?.id ?? '')).name).toBe('devmem-missing')
  } finally {
    await vm.stop()
  }
})

test('a kernel in lockdown closes /dev/mem, and the helper says that this is why', async () => {
  const vm = await LabVm.start({ helper: helperBinary, append: ['memmap=64M$0x10000000', 'lockdown=integrity'] })
  try {
    const error = await refusal(vm, 'mem:0x10000000')
    expect(error.name).toBe('devmem-locked-down')
  } finally {
    await vm.stop()
  }
})

test('a `$` that the boot loader ate leaves no region, and the list says what reached the kernel', async () => {
  // memmap=448M$5G with `$5` expanded to nothing: the kernel drops all RAM above 448 MiB
  const vm = await LabVm.start({ helper: helperBinary, memMiB: 512, append: ['memmap=448MG'] })
  try {
    const eaten = [...(await regions(vm)).values()].find((region) => region.source.includes('memmap=448MG'))
    expect(eaten?.refused?.name).toBe('region-cmdline-mismatch')
    expect(eaten?.refused?.message).toContain('memmap=448MG')
  } finally {
    await vm.stop()
  }
})
