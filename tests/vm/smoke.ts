// SPDX-License-Identifier: GPL-2.0-or-later
// Proves the lab VM itself, without the helper: `node tests/vm/smoke.ts`. Two guests at once; the first goes through
// two kexecs with a reserved range and known bytes in it.
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { baseCommandLine, guestInitrd, guestKernel, LabVm, shellQuote } from './driver.ts'

const memmap = 'memmap=64M$0x10000000'
const regionBase = 0x1000_0000
const sampleBytes = 4 << 20

const started = performance.now()

function say(line: string): void {
  console.log(`${((performance.now() - started) / 1000).toFixed(1).padStart(6)} s  ${line}`)
}

async function startKexec(vm: LabVm, nonce: string): Promise<void> {
  const commandLine = shellQuote(baseCommandLine([memmap, `lab.nonce=${nonce}`]))
  await vm.ssh(`kexec -s -l ${guestKernel} --initrd=${guestInitrd} --command-line=${commandLine}`)
  assert.equal((await vm.ssh('cat /sys/kernel/kexec_loaded')).stdout.trim(), '1')
  const manager = 'org.freedesktop.systemd1 /org/freedesktop/systemd1 org.freedesktop.systemd1.Manager'
  await vm.ssh(`busctl call ${manager} StartUnit ss kexec.target replace-irreversibly`)
}

async function kexec(vm: LabVm, round: number): Promise<void> {
  const before = await vm.bootId()
  await startKexec(vm, `round-${round}`)
  const ready = await vm.waitReady({ notBootId: before })
  assert.equal(await vm.bootId(), ready)
  assert.notEqual(ready, before)
  const commandLine = (await vm.ssh('cat /proc/cmdline')).stdout
  assert.ok(commandLine.includes(`lab.nonce=round-${round}`) && commandLine.includes(memmap), commandLine)
  say(`kexec ${round}: new boot id ${ready}`)
}

async function regionIsReserved(vm: LabVm): Promise<void> {
  const iomem = (await vm.ssh('cat /proc/iomem')).stdout
  assert.match(iomem, /^10000000-13ffffff : Reserved$/m)
}

/** The helper maps the region; read() and write(), which dd does, work below high_memory only, where this one is. */
async function regionDigest(vm: LabVm): Promise<string> {
  const blocks = `bs=1M skip=${regionBase >> 20} count=${sampleBytes >> 20}`
  return (await vm.ssh(`dd if=/dev/mem ${blocks} status=none | sha256sum`)).stdout.slice(0, 64)
}

async function main(): Promise<void> {
  const image = { report: say }
  const first = LabVm.start({ ...image, append: [memmap] }).then((vm) => (say(`first guest: port ${vm.port}`), vm))
  const second = LabVm.start({ ...image, memMiB: 384 }).then((vm) => (say(`second guest: port ${vm.port}`), vm))
  const [vm, other] = await Promise.all([first, second])
  try {
    const otherBoot = await other.bootId()
    assert.notEqual(otherBoot, await vm.bootId())
    await regionIsReserved(vm)
    say(`system: ${(await vm.ssh('systemctl is-system-running', { allowFailure: true })).stdout.trim()}`)

    const sample = randomBytes(sampleBytes)
    const digest = createHash('sha256').update(sample).digest('hex')
    await vm.ssh(`dd of=/dev/mem bs=1M seek=${regionBase >> 20} iflag=fullblock status=none`, { input: sample })
    assert.equal(await regionDigest(vm), digest)
    say('4 MiB of random bytes are in the region')

    for (const round of [1, 2]) {
      await kexec(vm, round)
      await regionIsReserved(vm)
      assert.equal(await regionDigest(vm), digest)
    }
    say('the bytes are the same after both')
    assert.equal(await other.bootId(), otherBoot)
  } finally {
    await Promise.all([vm.stop(), other.stop()])
  }
  assert.ok(!existsSync(vm.dir) && !existsSync(other.dir))
  say('stopped')
}

await main()
