// SPDX-License-Identifier: GPL-2.0-or-later
/** Memory maps for the tests: what a QEMU guest and a laptop of 16 GiB show, in the kernel's own format. */
import type { HostMemory, MemoryRange } from '@api'

/** Lines of /proc/iomem, two blanks a depth. */
export function parseIomem(text: string): MemoryRange[] {
  return text
    .split('\n')
    .map((line) => /^( *)([0-9a-f]+)-([0-9a-f]+) : (.*)$/.exec(line))
    .filter((match) => match !== null)
    .map(([, blanks = '', first = '', last = '', name = '']) => ({
      base: parseInt(first, 16),
      size: parseInt(last, 16) - parseInt(first, 16) + 1,
      depth: blanks.length / 2,
      name
    }))
}

/** "first-last type" a line. */
const parseFirmware = (text: string): { base: number; size: number; type: string }[] =>
  parseIomem(text).map(({ base, size, name }) => ({ base, size, type: name }))

const guestIomem = `
00000000-00000fff : Reserved
00001000-0009fbff : System RAM
0009fc00-0009ffff : Reserved
000a0000-000bffff : PCI Bus 0000:00
000c0000-000c99ff : Video ROM
000f0000-000fffff : Reserved
  000f0000-000fffff : System ROM
00100000-7ffdbfff : System RAM
  01000000-01ffffff : Kernel code
  02000000-028fffff : Kernel rodata
  02a00000-02d7ffff : Kernel data
  03200000-035fffff : Kernel bss
  6f000000-7effffff : Crash kernel
7ffdc000-7fffffff : Reserved
80000000-afffffff : PCI Bus 0000:00
b0000000-bfffffff : PCI ECAM 0000 [bus 00-ff]
  b0000000-bfffffff : Reserved
c0000000-febfffff : PCI Bus 0000:00
  fd000000-fdffffff : 0000:00:01.0
    fd000000-fdffffff : bochs-drm
  fea00000-fea3ffff : 0000:00:02.0
fec00000-fec003ff : IOAPIC 0
fed00000-fed003ff : HPET 0
fee00000-fee00fff : Local APIC
feffc000-feffffff : Reserved
fffc0000-ffffffff : Reserved
100000000-13fffffff : System RAM
140000000-17fffffff : Reserved
180000000-1bfffffff : Persistent Memory (legacy)
1c0000000-27fffffff : System RAM
fd00000000-ffffffffff : Reserved
10000000000-17fffffffff : PCI Bus 0000:00
`

const guestFirmware = `
00000000-0009fbff : System RAM
0009fc00-0009ffff : Reserved
000f0000-000fffff : Reserved
00100000-7ffdbfff : System RAM
7ffdc000-7fffffff : Reserved
b0000000-bfffffff : Reserved
feffc000-feffffff : Reserved
fffc0000-ffffffff : Reserved
100000000-27fffffff : System RAM
fd00000000-ffffffffff : Reserved
`

const gib = 2 ** 30

/** 8 GiB, one range reserved, one as a legacy NVDIMM, two NUMA nodes. */
export const guest: HostMemory = {
  hidden: false,
  end: 0x18000000000,
  kernel: parseIomem(guestIomem),
  firmware: parseFirmware(guestFirmware),
  options: [
    { text: 'memmap=1G$0x140000000', kind: 'reserved', base: 5 * gib, size: gib },
    { text: 'memmap=1G!6G', kind: 'pmem', base: 6 * gib, size: gib },
    { text: 'crashkernel=256M', kind: 'crashkernel', base: null, size: 256 * 2 ** 20 }
  ],
  nodes: [
    { node: 0, base: 0, size: 0x80000000 },
    { node: 1, base: 0x100000000, size: 0x180000000 }
  ],
  regions: [
    { id: 'mem:0x140000000', base: 5 * gib, size: gib, usable: true, pools: 1 },
    { id: 'mem:0x180000000', base: 6 * gib, size: gib, usable: false, pools: 0 }
  ],
  differences: [
    { base: 0, size: 0x1000, firmware: 'System RAM', kernel: 'Reserved', option: '' },
    { base: 5 * gib, size: gib, firmware: 'System RAM', kernel: 'Reserved', option: 'memmap=1G$0x140000000' },
    { base: 6 * gib, size: gib, firmware: 'System RAM', kernel: 'Persistent Memory (legacy)', option: 'memmap=1G!6G' }
  ],
  free: [
    { base: 0x3600000, size: 0x6ba00000, why: 'below 4 GiB, where devices want memory' },
    { base: 4 * gib, size: gib, why: '' },
    { base: 7 * gib, size: 3 * gib, why: '' }
  ]
}

const laptopIomem = `
00000000-00000fff : Reserved
00001000-0009efff : System RAM
0009f000-000fffff : Reserved
  000a0000-000bffff : PCI Bus 0000:00
  000f0000-000fffff : System ROM
00100000-3fffffff : System RAM
40000000-403fffff : Reserved
  40000000-403fffff : pnp 00:00
40400000-8acf6fff : System RAM
8acf7000-8acf7fff : ACPI Non-volatile Storage
8acf8000-8acf8fff : Reserved
8acf9000-8d8a0fff : System RAM
8d8a1000-8f8bcfff : Reserved
8f8bd000-8f9bcfff : ACPI Tables
8f9bd000-8fafcfff : ACPI Non-volatile Storage
8fafd000-90b0dfff : Reserved
90b0e000-90b0efff : System RAM
90b0f000-9cffffff : Reserved
  9b800000-9cffffff : Graphics Stolen Memory
9d000000-9d7fffff : RAM buffer
9d800000-dfffffff : PCI Bus 0000:00
  a0000000-afffffff : 0000:00:02.0
  b0000000-b0ffffff : 0000:00:02.0
  b1000000-c70fffff : PCI Bus 0000:04
    b1000000-b10fffff : PCI Bus 0000:05
      b1000000-b103ffff : 0000:05:00.0
        b1000000-b103ffff : thunderbolt
      b1040000-b1040fff : 0000:05:00.0
  c7100000-c71fffff : PCI Bus 0000:02
    c7100000-c7103fff : 0000:02:00.0
      c7100000-c7103fff : nvme
  c7200000-c72fffff : PCI Bus 0000:01
    c7200000-c7201fff : 0000:01:00.0
      c7200000-c7201fff : iwlwifi
  c7300000-c730ffff : 0000:00:14.0
    c7300000-c730ffff : xhci-hcd
  c7314000-c7317fff : 0000:00:1f.3
e0000000-efffffff : PCI ECAM 0000 [bus 00-ff]
  e0000000-efffffff : Reserved
    e0000000-efffffff : pnp 00:00
fc800000-fe7fffff : PCI Bus 0000:00
  fd000000-fd68ffff : pnp 00:03
  fd690000-fd69ffff : INT34C6:00
fec00000-fec003ff : IOAPIC 0
fed00000-fed003ff : HPET 0
  fed00000-fed003ff : PNP0103:00
fed10000-fed17fff : Reserved
fed40000-fed44fff : MSFT0101:00
fed90000-fed93fff : dmar0
fee00000-fee00fff : Local APIC
ff000000-ffffffff : INT0800:00
100000000-45e7fffff : System RAM
  2b2a00000-2b3a01fff : Kernel code
  2b3c00000-2b45b5fff : Kernel rodata
  2b4600000-2b49c5a7f : Kernel data
  2b4f49000-2b53fffff : Kernel bss
45e800000-45fffffff : RAM buffer
4000000000-7fffffffff : PCI Bus 0000:00
  6000000000-60ffffffff : 0000:00:02.0
`

const laptopFirmware = `
00000000-0009efff : System RAM
0009f000-000fffff : Reserved
00100000-3fffffff : System RAM
40000000-403fffff : Reserved
40400000-8acf6fff : System RAM
8acf7000-8acf7fff : ACPI Non-volatile Storage
8acf8000-8acf8fff : Reserved
8acf9000-8d8a0fff : System RAM
8d8a1000-8f8bcfff : Reserved
8f8bd000-8f9bcfff : ACPI Tables
8f9bd000-8fafcfff : ACPI Non-volatile Storage
8fafd000-90b0dfff : Reserved
90b0e000-90b0efff : System RAM
90b0f000-9cffffff : Reserved
e0000000-efffffff : Reserved
fed10000-fed17fff : Reserved
fee00000-fee00fff : Reserved
100000000-45e7fffff : System RAM
`

/** 16 GiB, nothing reserved. */
export const laptop: HostMemory = {
  hidden: false,
  end: 0x8000000000,
  kernel: parseIomem(laptopIomem),
  firmware: parseFirmware(laptopFirmware),
  options: [],
  nodes: [{ node: 0, base: 0, size: 0x460000000 }],
  regions: [],
  differences: [{ base: 0, size: 0x1000, firmware: 'System RAM', kernel: 'Reserved', option: '' }],
  free: [
    { base: 0x100000000, size: 0x1b2a00000, why: '' },
    { base: 0x2b5400000, size: 0x1a9400000, why: '' }
  ]
}
