/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /proc/iomem as kernels print it: of QEMU guests with Debian's cloud kernel and of a server with NVDIMMs. */
#ifndef PMPOOL_TESTS_IOMEM_TEXTS_H
#define PMPOOL_TESTS_IOMEM_TEXTS_H

/* memmap=64M$0x10000000 on 1 GiB */
#define IOMEM_RESERVED                                \
	"00000000-00000fff : Reserved\n"              \
	"00001000-0009fbff : System RAM\n"            \
	"0009fc00-0009ffff : Reserved\n"              \
	"000a0000-000bffff : PCI Bus 0000:00\n"       \
	"000f0000-000fffff : Reserved\n"              \
	"  000f0000-000fffff : System ROM\n"          \
	"00100000-0fffffff : System RAM\n"            \
	"  01000000-01e00eb6 : Kernel code\n"         \
	"  02000000-0286bfff : Kernel rodata\n"       \
	"10000000-13ffffff : Reserved\n"              \
	"14000000-3ffdffff : System RAM\n"            \
	"3ffe0000-3fffffff : Reserved\n"              \
	"40000000-febfffff : PCI Bus 0000:00\n"       \
	"  fe000000-fe003fff : 0000:00:03.0\n"        \
	"    fe000000-fe003fff : virtio-pci-modern\n" \
	"fec00000-fec003ff : IOAPIC 0\n"              \
	"fee00000-fee00fff : Local APIC\n"            \
	"fffc0000-ffffffff : Reserved\n"

/* The same guest without memmap=, after kexec -s: RAM in adjacent fragments */
#define IOMEM_FRAGMENTS                        \
	"00000000-00000fff : Reserved\n"       \
	"00001000-0009fbff : System RAM\n"     \
	"00100000-0fffffff : System RAM\n"     \
	"10000000-11ffffff : System RAM\n"     \
	"12000000-12ffffff : System RAM\n"     \
	"13000000-3ffdffff : System RAM\n"     \
	"  3c000000-3cffffff : Crash kernel\n" \
	"3ffe0000-3fffffff : Reserved\n"

/* memmap=64M!0x10000000, before and after nd_pmem claims it */
#define IOMEM_PMEM                                         \
	"00001000-0009fbff : System RAM\n"                 \
	"00100000-0fffffff : System RAM\n"                 \
	"10000000-13ffffff : Persistent Memory (legacy)\n" \
	"14000000-3ffdffff : System RAM\n"
#define IOMEM_PMEM_CLAIMED                                 \
	"00001000-0009fbff : System RAM\n"                 \
	"00100000-0fffffff : System RAM\n"                 \
	"10000000-13ffffff : Persistent Memory (legacy)\n" \
	"  10000000-13ffffff : namespace0.0\n"             \
	"14000000-3ffdffff : System RAM\n"

/* A devdax device, and one that kmem gave to the kernel */
#define IOMEM_DEVDAX                                \
	"00100000-bfffffff : System RAM\n"          \
	"100000000-13fffffff : Persistent Memory\n" \
	"  100000000-1001fffff : namespace0.0\n"    \
	"  100200000-13fffffff : dax0.0\n"          \
	"140000000-17fffffff : Soft Reserved\n"     \
	"  140000000-17fffffff : dax1.0\n"          \
	"    140000000-17fffffff : System RAM (kmem)\n"

/* A GRUB that ate the `$`: memmap=100MG limited RAM to 100 MiB */
#define IOMEM_LIMITED                      \
	"00001000-0009fbff : System RAM\n" \
	"00100000-063fffff : System RAM\n" \
	"40000000-febfffff : PCI Bus 0000:00\n"

#define IOMEM_HIDDEN                       \
	"00000000-00000000 : Reserved\n"   \
	"00000000-00000000 : System RAM\n" \
	"  00000000-00000000 : Kernel code\n"

#endif
