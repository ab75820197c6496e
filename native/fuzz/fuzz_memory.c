/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All that a host says of its memory, at once: command line, /proc/iomem and firmware's map ("start end type" a line),
 * NUL between them. What must hold of the map that comes of it is checked, and that a wish on it can be edited in.
 */
#include "host/check.h"
#include "host/grow.h"
#include "host/reservation.h"
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define GIB (UINT64_C(1) << 30)

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void read_firmware(char *text, struct pm_firmware_map *map)
{
	char *rest = text, *line;

	map->there = true;
	while ((line = strsep(&rest, "\n")) && map->count < 256) {
		struct pm_firmware_entry entry;
		char *start = strsep(&line, " "), *end = line ? strsep(&line, " ") : NULL;

		if (!end || !pm_firmware_entry_parse(start, end, line ? line : "", &entry))
			continue;
		must(entry.first <= entry.last && entry.last < PM_ADDRESS_END);
		if (map->count && entry.first <= map->entries[map->count - 1].last)
			continue; /* by address, as reading the folder leaves it */
		must(pm_grow((void **)&map->entries, map->count, sizeof(entry)));
		map->entries[map->count++] = entry;
	}
}

static void check_map(const struct pm_memory_map *map)
{
	uint64_t from = 0;

	for (size_t i = 0; i < map->difference_count; i++) {
		must(map->differences[i].first >= from && map->differences[i].last >= map->differences[i].first);
		from = map->differences[i].last + 1;
		must((strcmp(map->differences[i].firmware, "System RAM") == 0) !=
		     (strncmp(map->differences[i].kernel, "System RAM", 10) == 0));
	}
	for (size_t i = 0; i < map->free_count; i++) {
		struct pm_iomem_cover cover;
		uint64_t first = map->free[i].first, bytes = map->free[i].last - first + 1;

		must(first >= 16 << 20 && first % (2 << 20) == 0 && bytes % (2 << 20) == 0 && bytes > 0);
		pm_iomem_cover(&map->kernel, first, bytes, &cover);
		must(cover.ram_bytes == bytes);
		for (size_t j = 0; j < map->kernel.count; j++)
			must(!map->kernel.entries[j].depth || map->kernel.entries[j].last < first ||
			     map->kernel.entries[j].first > map->free[i].last);
	}
}

/* The wish is on the new command line, once it is read as the kernel reads it. */
static void check_edit(const char *cmdline, bool pmem)
{
	const struct pm_reservation_wish wish = {5 * GIB, GIB, pmem};
	struct pm_reservation_edit edit, again;
	char *line;

	if (pm_reservation_edit(cmdline, &wish, &edit))
		return;
	must(pm_reservation_edit(edit.cmdline, &wish, &again) == PM_OK);
	must(strchr(cmdline, '"') || again.there);
	line = pm_reservation_grub_line(cmdline, &edit);
	must(line && strncmp(line, "GRUB_CMDLINE_LINUX=", 19) == 0);
	free(line);
	pm_reservation_edit_free(&again);
	pm_reservation_edit_free(&edit);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = calloc(1, size + 3), *iomem, *firmware;
	struct pm_memory_map map = {0};

	memcpy(text, data, size);
	iomem = text + strlen(text) + 1;
	firmware = iomem < text + size ? iomem + strlen(iomem) + 1 : iomem;
	if (iomem >= text + size)
		iomem = firmware = text + size;
	check_edit(text, size & 1);
	if (pm_iomem_parse(iomem, &map.kernel) == PM_OK && map.kernel.count < 300) {
		pm_iomem_tidy(&map.kernel);
		if (firmware < text + size)
			read_firmware(firmware, &map.firmware);
		if (pm_memory_options(text, &map.options, &map.option_count) == PM_OK &&
		    pm_memory_map_compare(&map) == PM_OK)
			check_map(&map);
	}
	pm_memory_map_free(&map);
	free(text);
	return 0;
}
