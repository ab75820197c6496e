// SPDX-License-Identifier: GPL-2.0-or-later
// `npm run bench -- --part vm`: digests and verdicts over a real mapping of /dev/mem, in the lab VM, beside a plain loop
// over the same mapping. Emulated: QEMU ignores memory types, and its processor has no wide registers, so only the
// ratios say something. Asserts nothing. Arguments: the native program, and its options.
import { LabVm, shellQuote } from '../vm/driver.ts'

const [program, ...options] = process.argv.slice(2)
if (!program) throw new Error('usage: vm.ts PROGRAM [OPTION…]')

const vm = await LabVm.start({ memMiB: 1024, append: ['memmap=128M$0x10000000'], report: (line) => console.log(line) })
try {
  await vm.push(program, '/root/bench', 0o755)
  const command = ['/root/bench', '--region', 'mem:0x10000000', ...options].map(shellQuote).join(' ')
  console.log((await vm.ssh(command, { timeoutMs: 900_000 })).stdout)
} finally {
  await vm.stop()
}
