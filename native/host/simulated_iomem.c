/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Renders /proc/iomem of a simulated host in the kernel's own format. */
#include "simulated.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RESERVATIONS_MAX 512
#define CUTS_MAX (2 * RESERVATIONS_MAX + 2)

static int ascending(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static const char *name_at(const struct pm_reservation *list, size_t count, uint64_t address)
{
	for (size_t i = 0; i < count; i++) {
		if (address < list[i].base || address - list[i].base >= list[i].bytes)
			continue;
		if (list[i].kind == PM_RESERVATION_MEMMAP_RESERVED)
			return "Reserved";
		if (list[i].kind == PM_RESERVATION_MEMMAP_PMEM)
			return "Persistent Memory (legacy)";
	}
	return "System RAM";
}

/* memmap=SIZE without an address: the kernel takes no RAM above it. */
static uint64_t ram_limit(const struct pm_reservation *list, size_t count)
{
	uint64_t limit = UINT64_MAX;

	for (size_t i = 0; i < count; i++)
		if (list[i].kind == PM_RESERVATION_EATEN && list[i].bytes && list[i].bytes < limit)
			limit = list[i].bytes;
	return limit;
}

static void print_line(FILE *out, uint64_t first, uint64_t last, const char *name)
{
	fprintf(out, "%08" PRIx64 "-%08" PRIx64 " : %s\n", first, last, name);
	if (first == 0x100000 && strcmp(name, "System RAM") == 0) {
		fprintf(out, "  01000000-01ffffff : Kernel code\n");
		fprintf(out, "  02000000-028fffff : Kernel rodata\n");
		fprintf(out, "  02a00000-02d7ffff : Kernel data\n");
	}
}

/* A range of RAM, cut wherever a reservation starts or ends. */
static void print_ram(FILE *out, uint64_t first, uint64_t last, const struct pm_reservation *list, size_t count)
{
	uint64_t cuts[CUTS_MAX], limit = ram_limit(list, count);
	size_t used = 0;

	cuts[used++] = first;
	for (size_t i = 0; i < count; i++) {
		uint64_t ends[2] = {list[i].base, list[i].base + list[i].bytes};

		for (int e = 0; e < 2 && list[i].kind <= PM_RESERVATION_MEMMAP_PMEM; e++)
			if (ends[e] > first && ends[e] <= last)
				cuts[used++] = ends[e];
	}
	qsort(cuts, used, sizeof(cuts[0]), ascending);
	for (size_t i = 0; i < used; i++) {
		uint64_t end = i + 1 < used ? cuts[i + 1] - 1 : last;
		const char *name = name_at(list, count, cuts[i]);

		if (end < cuts[i] || (i + 1 < used && cuts[i + 1] == cuts[i]))
			continue;
		if (strcmp(name, "System RAM") == 0) {
			if (cuts[i] >= limit)
				continue;
			end = end < limit ? end : limit - 1;
		}
		print_line(out, cuts[i], end, name);
	}
}

enum pm_code pm_simulated_iomem(const struct pm_firmware_range *ranges, size_t count, const char *cmdline, char **text,
				struct pm_error *err)
{
	struct pm_reservation list[RESERVATIONS_MAX];
	size_t reservations, length;
	FILE *out;

	*text = NULL;
	if (pm_cmdline_parse(cmdline, list, RESERVATIONS_MAX, &reservations))
		return pm_fail(err, PM_E_CMDLINE_TOO_LONG, "more than %d reservations", RESERVATIONS_MAX);
	out = open_memstream(text, &length);
	if (!out)
		return pm_fail(err, PM_E_OUT_OF_MEMORY, "no memory for the memory map");
	for (size_t i = 0; i < count; i++) {
		if (ranges[i].ram)
			print_ram(out, ranges[i].first, ranges[i].last, list, reservations);
		else
			print_line(out, ranges[i].first, ranges[i].last, "Reserved");
	}
	if (fclose(out) != 0) {
		free(*text);
		*text = NULL;
		return pm_fail(err, PM_E_OUT_OF_MEMORY, "no memory for the memory map");
	}
	return PM_OK;
}
