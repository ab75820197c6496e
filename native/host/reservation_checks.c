/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Can this range be given away: asked of the memory map and of the command line that would do it. */
#include "check.h"
#include "files.h"
#include "iomem_cover.h"
#include "kexec_cmdline.h"
#include "reservation.h"
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#define MIB (UINT64_C(1) << 20)
#define CMDLINE_BYTES 2046u /* see kexec_checks.c */
#define RANGE "0x%" PRIx64 "-0x%" PRIx64

struct asked {
	const struct pm_host *host;
	const struct pm_memory_map *map;
	const struct pm_reservation_wish *wish;
	const struct pm_reservation_edit *edit;
	uint64_t last;
	struct json_object *checks;
};

static bool overlaps(const struct asked *asked, uint64_t first, uint64_t last)
{
	return first <= asked->last && asked->wish->base <= last;
}

static void aligned(const struct asked *asked)
{
	uint64_t rest = asked->wish->base | asked->wish->bytes;
	enum pm_level level = rest & 4095 ? PM_FAIL : rest & (2 * MIB - 1) ? PM_WARN : PM_PASS;

	pm_check_add(asked->checks, "aligned", level,
		     level == PM_PASS	? "The range is made of whole 2 MiB pages"
		     : level == PM_WARN ? "The range does not start and end at 2 MiB"
					: "The range is not made of whole pages",
		     level == PM_WARN ? "Choose multiples of 2M, so that no large page of RAM is broken up."
				      : "Choose multiples of 4096 bytes.",
		     RANGE, asked->wish->base, asked->last);
}

static uint64_t all_ram(const struct pm_memory_map *map)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < map->kernel.count; i++)
		if (!map->kernel.entries[i].depth && pm_iomem_is_ram(&map->kernel.entries[i]))
			bytes += map->kernel.entries[i].last - map->kernel.entries[i].first + 1;
	return bytes;
}

static void size(const struct asked *asked)
{
	uint64_t ram = all_ram(asked->map), bytes = asked->wish->bytes;
	uint64_t left = asked->edit->there ? ram : ram > bytes ? ram - bytes : 0;
	enum pm_level level = bytes < MIB || left < 192 * MIB ? PM_FAIL : left < ram / 4 ? PM_WARN : PM_PASS;

	pm_check_add(asked->checks, "size", level,
		     level == PM_PASS ? "Enough RAM is left to Linux"
		     : bytes < MIB    ? "The range is too small for a pool"
				      : "Little RAM is left to Linux",
		     bytes < MIB ? "Choose 1 MiB or more." : "Choose a smaller range.",
		     "0x%" PRIx64 " bytes reserved, 0x%" PRIx64 " of 0x%" PRIx64 " bytes of System RAM left.", bytes,
		     left, ram);
}

/* RAM by the firmware that this kernel was told not to use: mem=, or a memmap= that lost its `$`. */
static bool cut_off(const struct asked *asked)
{
	for (size_t i = 0; i < asked->map->difference_count; i++) {
		const struct pm_memory_difference *difference = &asked->map->differences[i];

		if (difference->first <= asked->wish->base && difference->last >= asked->last && !*difference->kernel &&
		    difference->option && difference->option->kind == PM_OPTION_LIMIT)
			return true;
	}
	return false;
}

static void system_ram(const struct asked *asked)
{
	uint64_t until = asked->last;
	const struct pm_iomem_entry *entry = pm_iomem_outermost(&asked->map->kernel, asked->wish->base, &until);
	bool ram = entry && pm_iomem_is_ram(entry) && until == asked->last;

	if (asked->map->kernel.hidden)
		pm_check_add(asked->checks, "system-ram", PM_FAIL, "Addresses are hidden from this user",
			     "Run it as root, or through the service of pmpool.", "/proc/iomem shows zeros.");
	else if (asked->edit->there)
		pm_check_add(asked->checks, "system-ram", PM_PASS, "The range is reserved already", "",
			     "%.200s stands on the running command line.", asked->edit->option);
	else if (cut_off(asked))
		pm_check_add(asked->checks, "system-ram", PM_WARN, "The range is RAM that this boot does not use",
			     "Take the option that cuts it off out of the boot loader's file.",
			     RANGE " is System RAM by the firmware, and nothing in /proc/iomem.", asked->wish->base,
			     asked->last);
	else
		pm_check_add(asked->checks, "system-ram", ram ? PM_PASS : PM_FAIL,
			     ram ? "The range lies in one stretch of RAM" : "The range is not all RAM",
			     "Choose one of the free stretches that `pmpool host memory` lists.",
			     RANGE " is %s in /proc/iomem.", asked->wish->base, ram ? asked->last : until,
			     entry ? entry->name : "nothing");
}

/* What is nested in it now. The kernel would be placed elsewhere with KASLR, but not without. */
static void in_use(const struct asked *asked)
{
	for (size_t i = 0; i < asked->map->kernel.count; i++) {
		const struct pm_iomem_entry *entry = &asked->map->kernel.entries[i];
		bool crash = strcmp(entry->name, "Crash kernel") == 0;

		if (!entry->depth || !overlaps(asked, entry->first, entry->last) || asked->edit->there)
			continue;
		pm_check_add(asked->checks, "in-use", crash ? PM_WARN : PM_FAIL,
			     crash ? "The crash kernel lies in the range now" : "Something lies in the range",
			     crash ? "It moves at the next boot when crashkernel= names no address."
				   : "Choose one of the free stretches that `pmpool host memory` lists.",
			     "%s at " RANGE ".", entry->name, entry->first, entry->last);
		return;
	}
	pm_check_add(asked->checks, "in-use", PM_PASS, "Neither kernel nor crash kernel lies in the range", "",
		     "Nothing is nested in " RANGE ".", asked->wish->base, asked->last);
}

static uint32_t word_at(const uint8_t *bytes, size_t offset)
{
	return (uint32_t)bytes[offset] | (uint32_t)bytes[offset + 1] << 8 | (uint32_t)bytes[offset + 2] << 16 |
	       (uint32_t)bytes[offset + 3] << 24;
}

/* Where the boot loader put the initrd: struct boot_params (Documentation/arch/x86/zero-page.rst). */
static bool initrd_range(const struct pm_host *host, uint64_t *first, uint64_t *last)
{
	char full[PM_PATH_MAX];
	uint8_t page[4096];
	ssize_t got;
	int fd;

	if (pm_host_path(host, "/sys/kernel/boot_params/data", full, NULL))
		return false;
	fd = open(full, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return false;
	got = read(fd, page, sizeof(page));
	close(fd);
	if (got < 0x220)
		return false;
	*first = word_at(page, 0x218) | (uint64_t)word_at(page, 0xc0) << 32;
	*last = *first + (word_at(page, 0x21c) | (uint64_t)word_at(page, 0xc4) << 32) - 1;
	return *first <= *last;
}

static void low_memory(const struct asked *asked)
{
	uint64_t first = 0, last = 0;
	bool known = initrd_range(asked->host, &first, &last), hit = known && overlaps(asked, first, last);
	bool lowest = asked->wish->base < 16 * MIB, low = asked->wish->base < UINT64_C(1) << 32;

	if (known)
		pm_check_add(asked->checks, "initrd", hit ? PM_FAIL : PM_PASS,
			     hit ? "The boot loader put the initrd there" : "The initrd lies elsewhere",
			     "Choose a range above 4 GiB, where boot loaders put nothing.",
			     "The initrd was at " RANGE ".", first, last);
	pm_check_add(asked->checks, "low-memory",
		     lowest ? PM_FAIL
		     : low  ? PM_WARN
			    : PM_PASS,
		     lowest ? "The range is needed to boot"
		     : low  ? "The range is below 4 GiB"
			    : "The range is above 4 GiB",
		     lowest ? "Choose a range above 16 MiB, or better above 4 GiB."
			    : "Boot loaders put kernel and initrd there, and devices with 32-bit DMA need it.",
		     RANGE, asked->wish->base, asked->last);
}

static void overlap(const struct asked *asked)
{
	for (size_t i = 0; i < asked->map->option_count; i++) {
		const struct pm_memory_option *option = &asked->map->options[i];

		if ((option->kind != PM_OPTION_RESERVED && option->kind != PM_OPTION_PMEM) || asked->edit->there ||
		    !overlaps(asked, option->base, option->base + option->bytes - 1))
			continue;
		pm_check_add(asked->checks, "overlap", PM_FAIL, "A part of the range is reserved already",
			     "Take that memmap= off the command line first, or choose another range.", "%.200s",
			     option->text);
		return;
	}
	pm_check_add(asked->checks, "overlap", PM_PASS, "No other memmap= reserves a part of it", "",
		     "Options about memory on the running command line: %zu.", asked->map->option_count);
}

static void crashkernel(const struct asked *asked)
{
	struct pm_option option = {"", 0};
	bool hit = pm_cmdline_crash_overlaps(asked->edit->cmdline, asked->wish->base, asked->wish->bytes, &option);

	pm_check_add(asked->checks, "crashkernel", hit ? PM_FAIL : PM_PASS,
		     hit ? "The crash kernel would lie in the region" : "No crash kernel in the region",
		     "Leave the address out of crashkernel=, or choose another.", "%.*s%s",
		     hit ? (int)option.length : 0, option.text,
		     hit ? " overlaps it." : "No crashkernel= names an address in it.");
}

static void kaslr(const struct asked *asked)
{
	unsigned ranges;
	bool risk = pm_cmdline_kaslr_risk(asked->edit->cmdline, &ranges);

	pm_check_add(asked->checks, "kaslr-ranges", risk ? PM_FAIL : PM_PASS,
		     risk		   ? "The next kernel may be placed inside a region"
		     : asked->edit->joined ? "The ranges are joined in one option, for address randomisation"
					   : "The next kernel keeps off the regions",
		     "Add nokaslr, or join the ranges with commas in one memmap= option.",
		     "Ranges in memmap= options: %u; address randomisation minds the first 4 only%s.", ranges,
		     asked->edit->joined ? ", and is off when one option has more" : "");
}

static void cmdline_length(const struct asked *asked)
{
	size_t bytes = strlen(asked->edit->cmdline);

	pm_check_add(asked->checks, "cmdline-length", bytes <= CMDLINE_BYTES ? PM_PASS : PM_FAIL,
		     bytes <= CMDLINE_BYTES ? "The command line fits" : "The command line is too long",
		     pm_error_remedy(PM_E_CMDLINE_TOO_LONG), "%zu of %u bytes.", bytes, CMDLINE_BYTES);
}

static int32_t node_of(const struct pm_memory_map *map, uint64_t address)
{
	for (size_t i = 0; i < map->node_count; i++)
		if (address >= map->nodes[i].base && address - map->nodes[i].base < map->nodes[i].bytes)
			return map->nodes[i].node;
	return -1;
}

static void nodes(const struct asked *asked)
{
	int32_t first = node_of(asked->map, asked->wish->base), last = node_of(asked->map, asked->last);
	bool spans = first >= 0 && last >= 0 && first != last;

	if (asked->map->node_count)
		pm_check_add(asked->checks, "numa", spans ? PM_WARN : PM_PASS,
			     spans ? "The range spans NUMA nodes"
				   : "The range is of one NUMA node, or of none that is told",
			     "Reserve a range of each node: a pool may have several regions.",
			     "First page: node %d, last page: node %d (-1: not told).", first, last);
}

static void architecture(const struct asked *asked)
{
	struct utsname machine;
	bool x86 = uname(&machine) == 0 && (strncmp(machine.machine, "x86", 3) == 0 ||
					    (machine.machine[0] == 'i' && strcmp(machine.machine + 2, "86") == 0));

	if (!asked->host->simulated)
		pm_check_add(asked->checks, "architecture", x86 ? PM_PASS : PM_FAIL,
			     x86 ? "The kernel reads memmap=" : "Only x86 reads memmap=",
			     "Name the range in the device tree, under reserved-memory.", "The machine is %s.",
			     machine.machine);
}

static void pmem(const struct asked *asked)
{
	if (asked->wish->pmem)
		pm_check_add(asked->checks, "pmem-driver", PM_WARN, "A driver may claim the range",
			     "Keep nd_e820 and nd_pmem off it (modprobe.blacklist=nd_e820), or use the devdax device "
			     "that ndctl makes of it.",
			     "Once nd_pmem holds a `!` range, /dev/mem refuses it.");
}

static void cleaned(const struct asked *asked)
{
	if (asked->edit->cleaned)
		pm_check_add(asked->checks, "memmap-eaten", PM_WARN, "A memmap= that lost its `$` is left out",
			     "Take it out of the boot loader's file as well: it limits RAM to its size.",
			     "The running command line has one; the next one has not.");
}

void pm_reservation_checks(const struct pm_host *host, const struct pm_memory_map *map,
			   const struct pm_reservation_wish *wish, const struct pm_reservation_edit *edit,
			   struct json_object *checks)
{
	const struct asked asked = {host, map, wish, edit, wish->base + wish->bytes - 1, checks};
	void (*const questions[])(const struct asked *) = {
		architecture, aligned, system_ram, in_use,	   overlap, low_memory, size,
		crashkernel,  kaslr,   nodes,	   cmdline_length, pmem,    cleaned,
	};

	for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++)
		questions[i](&asked);
}
