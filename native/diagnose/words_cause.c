// SPDX-License-Identifier: GPL-2.0-or-later
/* What usually does this, and where to look next. */
#include "words.h"

static const char *const causes[PM_DIAGNOSIS_COUNT] = {
	[PM_DIAGNOSIS_UNREADABLE] =
		"Memory that is not there any more, an uncorrectable error that the processor poisoned, or a driver that "
		"claimed the range. Look into dmesg for machine checks (mce, EDAC) and for a revoked /dev/mem mapping.",
	[PM_DIAGNOSIS_ZEROED] =
		"Somebody cleared it: the kernel when it took the pages as ordinary memory (init_on_alloc), firmware that "
		"clears memory on a cold boot, or memory without power for a moment. Compare /proc/iomem and the command "
		"line of both boots, and whether it was a kexec at all.",
	[PM_DIAGNOSIS_ONES] =
		"Reads that nobody answered: an address that no memory decodes any more, a module that dropped out, or "
		"erased flash. Look at the memory map of the firmware and for machine checks in dmesg.",
	[PM_DIAGNOSIS_FILLED] =
		"A poison value means that a kernel had these pages as its own memory and freed them: the reservation did "
		"not hold. Else a memory test or a memset. Compare /proc/iomem of both boots; look for memtest= and "
		"page_poison= on the command line.",
	[PM_DIAGNOSIS_BIT_FLIP] =
		"A single upset: a weak cell, refresh too slow while the memory was warm, or a disturbed row. Look at the "
		"correctable errors (EDAC, rasdaemon); without ECC run a memory test of this range. The same cell again "
		"next time is a weak cell; quarantine its page.",
	[PM_DIAGNOSIS_BIT_FLIPS] =
		"Several upsets in a page: refresh lost for a while (memory in self-refresh or without power during the "
		"jump), wrong timing, row disturbance (rowhammer), or overheating. Compare how many pages are hit over the "
		"histogram; run a memory test of the range.",
	[PM_DIAGNOSIS_STUCK_BIT] =
		"One line of the data path: a bad contact or solder joint of this data line, a broken chip or buffer, or "
		"its signal training. Map the lane to DQ with the board's schematics; reseat the module, train again, and "
		"test the range.",
	[PM_DIAGNOSIS_ALIASED] =
		"An address line that is stuck, shorted or decoded wrongly, or memory interleaving that was set up anew. "
		"Look at the memory controller's address map and at the firmware's memory training; run the memory test "
		"own-address over the range.",
	[PM_DIAGNOSIS_DISPLACED] =
		"A copy that went to the wrong place: a driver or DMA with a wrong offset, a restore to another address, or "
		"an interleaving or remapping that changed over the boot. The distance tells which unit went wrong.",
	[PM_DIAGNOSIS_SHIFTED] =
		"A copy with a wrong offset or length: a header put in front, a DMA that lost or repeated bytes, a serial "
		"or network transfer that slipped. The number of bytes is often the size of that header.",
	[PM_DIAGNOSIS_TORN] =
		"A write that ended half-way: caches not written back before the jump (whole 64-byte lines), a DMA or copy "
		"that was stopped, or another writer that ran over the border of its buffer. Look for devices that still "
		"did DMA during the kexec, and at flushes before it.",
	[PM_DIAGNOSIS_ELF] =
		"A program, module or vmlinux was loaded here: a kexec segment, or page cache of a kernel that used the "
		"range as its own. Compare the segments of the load (kexec -c picks holes by the firmware's map) with the "
		"region.",
	[PM_DIAGNOSIS_KERNEL] =
		"A kernel was put here: by kexec_load, by the boot loader, or because KASLR chose this range. Use "
		"kexec_file_load, at most four memmap= options or nokaslr, and look where the loader puts its files.",
	[PM_DIAGNOSIS_INITRD] =
		"An initrd was put here by the boot loader or by a kexec segment. Look at the RAMDISK lines of dmesg and at "
		"the loader's addresses; the loader must know the reservation too. A compressed stream may also be another "
		"file.",
	[PM_DIAGNOSIS_PAGE_TABLE] =
		"A kernel built page tables here: it used the range as free memory, early at boot or in the jump itself. "
		"The reservation was not on its command line, or not in force yet.",
	[PM_DIAGNOSIS_TEXT] =
		"A log, a file or strings: page cache or a buffer of a kernel that used the range, a console or ftrace "
		"buffer, or a program that writes here on purpose. The text itself mostly tells whose it is.",
	[PM_DIAGNOSIS_PATTERN] =
		"Another pattern or seed was filled here (pattern fill, memory test): by a pmpool, by memtest= of the "
		"kernel, or by the firmware's test at a cold boot. Look at the pool's event log and at the command line.",
	[PM_DIAGNOSIS_POOL] =
		"Another pool, or this one at another place, was created or restored over it. Look at the event log and at "
		"the address ranges of all pools of this host.",
	[PM_DIAGNOSIS_OVERWRITTEN] =
		"Somebody else uses this memory: DMA of a device that was not stopped before the jump, a kernel that took "
		"the range as RAM, or a program with the wrong address. See where in the histogram it begins, and compare "
		"with /proc/iomem and the IOMMU's mappings.",
};

const char *words_cause(const struct group *group)
{
	if (group->kind == PM_DIAGNOSIS_OVERWRITTEN && group->parameter == OVERWRITTEN_UNSTEADY)
		return "Reads that do not repeat, or somebody who writes here at this moment and put the old content back. "
		       "Read it some times more; if nobody writes, suspect the data path or the caching of the mapping.";
	if (group->kind == PM_DIAGNOSIS_OVERWRITTEN && group->parameter == OVERWRITTEN_SHALLOW)
		return "The causes of the other entries: more pages changed than are looked at closely.";
	if (group->kind == PM_DIAGNOSIS_OVERWRITTEN && group->parameter == OVERWRITTEN_UNKNOWN)
		return "Either many wrong bits (a data line, lost refresh, timing), or another writer: DMA of a device that was "
		       "not stopped before the jump, a kernel that took the range as RAM, a program with the wrong address. "
		       "A snapshot with content would tell them apart; see where in the histogram it begins, run a memory "
		       "test, and compare with /proc/iomem.";
	return causes[group->kind];
}
