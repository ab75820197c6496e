/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Renders /proc/iomem of a simulated host in the kernel's own format. */
#include "kexec_cmdline.h"
#include "simulated.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RESERVATIONS_MAX 512
#define CUTS_MAX (2 * RESERVATIONS_MAX + 2)

struct line {
	uint64_t first, last;
	unsigned depth;
	const char *name;
};

/* What no firmware map names. */
static const struct line devices[] = {
	{0xa0000, 0xbffff, 0, "PCI Bus 0000:00"},	{0x40000000, 0xafffffff, 0, "PCI Bus 0000:00"},
	{0x40000000, 0x4001ffff, 1, "0000:00:03.0"},	{0x40000000, 0x4001ffff, 2, "e1000e"},
	{0x40020000, 0x40020fff, 1, "0000:00:1f.2"},	{0x40020000, 0x40020fff, 2, "ahci"},
	{0xc0000000, 0xfebfffff, 0, "PCI Bus 0000:00"}, {0xfec00000, 0xfec003ff, 0, "IOAPIC 0"},
	{0xfed00000, 0xfed003ff, 0, "HPET 0"},		{0xfee00000, 0xfee00fff, 0, "Local APIC"},
	{0xfff00000, 0xffffffff, 0, "INT0800:00"},
};
#define DEVICES (sizeof(devices) / sizeof(devices[0]))

/* What is nested in what the firmware names. */
static const struct line parts[] = {
	{0xf0000, 0xfffff, 1, "System ROM"},	    {0x1000000, 0x1ffffff, 1, "Kernel code"},
	{0x2000000, 0x28fffff, 1, "Kernel rodata"}, {0x2a00000, 0x2d7ffff, 1, "Kernel data"},
	{0x3200000, 0x35fffff, 1, "Kernel bss"},    {0xb0000000, 0xbfffffff, 1, "PCI ECAM 0000 [bus 00-ff]"},
};
#define PARTS (sizeof(parts) / sizeof(parts[0]))
#define CRASH_END UINT64_C(0x3f000000) /* where it goes when crashkernel= names no address */
#define CRASH_BYTES_MAX (UINT64_C(512) << 20)

const char *pm_firmware_type_name(enum pm_firmware_type type)
{
	static const char *const names[] = {"Reserved", "System RAM", "ACPI Tables", "ACPI Non-volatile Storage"};

	return names[type];
}

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

/* The picture of one boot, as it is printed. */
struct picture {
	FILE *out;
	struct pm_reservation list[RESERVATIONS_MAX];
	size_t count;
	uint64_t crash_first, crash_last; /* 0, 0: none */
	size_t device; /* the next one to print */
};

static void print_one(struct picture *picture, const struct line *line)
{
	fprintf(picture->out, "%*s%08" PRIx64 "-%08" PRIx64 " : %s\n", (int)(2 * line->depth), "", line->first,
		line->last, line->name);
}

static void print_line(struct picture *picture, uint64_t first, uint64_t last, const char *name)
{
	print_one(picture, &(struct line){first, last, 0, name});
	for (size_t i = 0; i < PARTS; i++)
		if (parts[i].first >= first && parts[i].last <= last)
			print_one(picture, &parts[i]);
	if (picture->crash_last && strcmp(name, "System RAM") == 0 && picture->crash_first >= first &&
	    picture->crash_last <= last)
		print_one(picture, &(struct line){picture->crash_first, picture->crash_last, 1, "Crash kernel"});
}

static bool overlaps(const struct pm_firmware_range *ranges, size_t count, const struct line *line)
{
	for (size_t i = 0; i < count; i++)
		if (ranges[i].first <= line->last && line->first <= ranges[i].last)
			return true;
	return false;
}

/* Those below an address; a host that was made with another firmware map has only what fits beside it. */
static void print_devices(struct picture *picture, const struct pm_firmware_range *ranges, size_t count, uint64_t below)
{
	for (; picture->device < DEVICES && devices[picture->device].first < below; picture->device++)
		if (!overlaps(ranges, count, &devices[picture->device]))
			print_one(picture, &devices[picture->device]);
}

/* Where the crash kernel is. */
static void place_crash(struct picture *picture, const char *cmdline)
{
	struct pm_option option;
	uint64_t base, bytes;
	char text[256];

	while (pm_option_next(&cmdline, &option)) {
		if (!pm_option_is(&option, "crashkernel=") || option.length >= sizeof(text))
			continue;
		snprintf(text, sizeof(text), "%.*s", (int)option.length, option.text);
		if (!pm_crashkernel_read(text + strlen("crashkernel="), &base, &bytes))
			base = bytes <= CRASH_BYTES_MAX ? CRASH_END - bytes : 0;
		picture->crash_first = base;
		picture->crash_last = base && bytes ? base + bytes - 1 : 0;
	}
}

/* A range of RAM, cut wherever a reservation starts or ends. */
static void print_ram(struct picture *picture, uint64_t first, uint64_t last)
{
	const struct pm_reservation *list = picture->list;
	uint64_t cuts[CUTS_MAX], limit = ram_limit(list, picture->count);
	size_t used = 0, count = picture->count;

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
		print_line(picture, cuts[i], end, name);
	}
}

enum pm_code pm_simulated_iomem(const struct pm_firmware_range *ranges, size_t count, const char *cmdline, char **text,
				struct pm_error *err)
{
	struct picture picture = {0};
	size_t length;

	*text = NULL;
	if (pm_cmdline_parse(cmdline, picture.list, RESERVATIONS_MAX, &picture.count))
		return pm_fail(err, PM_E_CMDLINE_TOO_LONG, "more than %d reservations", RESERVATIONS_MAX);
	place_crash(&picture, cmdline);
	picture.out = open_memstream(text, &length);
	if (!picture.out)
		return pm_fail(err, PM_E_OUT_OF_MEMORY, "no memory for the memory map");
	for (size_t i = 0; i < count; i++) {
		print_devices(&picture, ranges, count, ranges[i].first);
		if (ranges[i].type == PM_FIRMWARE_RAM)
			print_ram(&picture, ranges[i].first, ranges[i].last);
		else
			print_line(&picture, ranges[i].first, ranges[i].last, pm_firmware_type_name(ranges[i].type));
	}
	if (fclose(picture.out) != 0) {
		free(*text);
		*text = NULL;
		return pm_fail(err, PM_E_OUT_OF_MEMORY, "no memory for the memory map");
	}
	return PM_OK;
}
