/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reserved_range.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static uint64_t common(uint64_t base, uint64_t bytes, uint64_t first, uint64_t last)
{
	uint64_t from = base > first ? base : first, to = base + bytes - 1 < last ? base + bytes - 1 : last;

	return from <= to ? to - from + 1 : 0;
}

static bool covers(const struct pm_memory_option *option, uint64_t base, uint64_t bytes)
{
	return (option->kind == PM_OPTION_RESERVED || option->kind == PM_OPTION_PMEM) && option->base <= base &&
	       bytes <= option->bytes && base - option->base <= option->bytes - bytes;
}

void pm_reserved_range_read(const struct pm_memory_map *map, uint64_t base, uint64_t bytes,
			    struct pm_reserved_range *range)
{
	struct pm_iomem_cover cover;

	memset(range, 0, sizeof(*range));
	range->bytes = bytes;
	range->hidden = map->kernel.hidden;
	range->firmware_there = map->firmware.there;
	for (size_t i = 0; i < map->option_count && !range->option; i++)
		if (covers(&map->options[i], base, bytes))
			range->option = &map->options[i];
	pm_iomem_cover(&map->kernel, base, bytes, &cover);
	range->ram = cover.ram_bytes;
	range->reserved = cover.reserved_bytes;
	range->persistent = cover.persistent_bytes;
	for (size_t i = 0; i < map->firmware.count; i++) /* they do not overlap */
		if (strcmp(map->firmware.entries[i].type, "System RAM") == 0)
			range->firmware_ram +=
				common(base, bytes, map->firmware.entries[i].first, map->firmware.entries[i].last);
}

enum pm_level pm_reserved_range_level(const struct pm_reserved_range *range)
{
	if (!range->option || range->hidden || range->reserved + range->persistent != range->bytes)
		return PM_FAIL;
	return range->firmware_there && range->firmware_ram < range->bytes ? PM_WARN : PM_PASS;
}

static void kernel_says(const struct pm_reserved_range *range, char text[128])
{
	if (range->hidden)
		snprintf(text, 128, "hidden");
	else if (range->reserved == range->bytes)
		snprintf(text, 128, "Reserved");
	else if (range->persistent == range->bytes)
		snprintf(text, 128, "Persistent Memory");
	else if (range->ram == range->bytes)
		snprintf(text, 128, "System RAM");
	else
		snprintf(text, 128, "0x%" PRIx64 " bytes reserved, 0x%" PRIx64 " System RAM, of 0x%" PRIx64,
			 range->reserved + range->persistent, range->ram, range->bytes);
}

static void firmware_says(const struct pm_reserved_range *range, char text[128])
{
	if (!range->firmware_there)
		snprintf(text, 128, "not there");
	else if (range->firmware_ram == range->bytes)
		snprintf(text, 128, "System RAM");
	else
		snprintf(text, 128, "0x%" PRIx64 " of 0x%" PRIx64 " bytes System RAM", range->firmware_ram,
			 range->bytes);
}

void pm_reserved_range_detail(const struct pm_reserved_range *range, char *text, size_t size)
{
	char kernel[128], firmware[128];

	kernel_says(range, kernel);
	firmware_says(range, firmware);
	snprintf(text, size, "command line: %s; /proc/iomem: %s; firmware: %s.",
		 range->option ? range->option->text : "no memmap= for it", kernel, firmware);
}
