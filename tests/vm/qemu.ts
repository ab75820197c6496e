// SPDX-License-Identifier: GPL-2.0-or-later
// The measured recipe of the lab VM: what QEMU is given, and what the guest's kernel is.
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import type { VmImage } from './image/recipe.ts'

const kernelOptions = [
  'root=/dev/vda',
  'rw',
  'rootfstype=ext4',
  'console=ttyS0',
  'net.ifnames=0',
  'quiet',
  'systemd.show_status=0',
  'mitigations=off',
  'random.trust_cpu=on',
  'no_timer_check',
  'tsc=reliable',
  'audit=0',
  'cryptomgr.notests'
]

/**
 * The command line that the guest boots with, and that a kexec needs to come back: the fixed options, then `extra`,
 * such as `memmap=64M$0x10000000`. No shell reads it on the way, so `$` stands for itself.
 */
export function baseCommandLine(extra: readonly string[] = []): string {
  return [...kernelOptions, ...extra].join(' ')
}

export interface GuestShape {
  readonly image: VmImage
  readonly port: number
  readonly memMiB: number
  readonly append: readonly string[]
  /** file that receives the serial console */
  readonly console: string
}

/**
 * `tb-size` is the biggest lever: the default translation cache grows with each kexec, a small one thrashes. cx16 is
 * hidden because newer kernels hang with it under QEMU 7.2's TCG. `restrict=on` leaves the guest no network but the
 * forwarded port.
 */
export function qemuArguments({ image, port, memMiB, append, console }: GuestShape): string[] {
  const disk = `if=none,id=d0,file=${optionValue(image.disk)},format=raw,cache=unsafe,snapshot=on`
  return [
    ...['-accel', 'tcg,thread=multi,tb-size=128', '-machine', 'pc', '-cpu', 'qemu64,-cx16'],
    ...['-m', String(memMiB), '-smp', '2'],
    ...['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot'],
    ...['-serial', `file:${optionValue(console)}`],
    ...['-drive', disk, '-device', 'virtio-blk-pci,drive=d0'],
    ...['-netdev', `user,id=n0,restrict=on,hostfwd=tcp:127.0.0.1:${port}-10.0.2.15:22`],
    ...['-device', 'virtio-net-pci,romfile=,netdev=n0'],
    ...['-kernel', image.kernel, '-initrd', image.initrd, '-append', baseCommandLine(append)]
  ]
}

/** QEMU's option lists are split at commas; a doubled one is a comma. */
function optionValue(text: string): string {
  return text.replaceAll(',', ',,')
}

/** Free now; whoever takes it before QEMU does makes QEMU exit, and the caller tries another. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

export function isPortTaken(qemuOutput: string): boolean {
  return qemuOutput.includes('Could not set up host forwarding rule')
}
