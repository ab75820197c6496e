/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The physical memory of a host: as its firmware names it, as its kernel does, and what the command line says of it.
 * Ranges are [first, last], both inclusive, and end below PM_ADDRESS_END; what lies above is left out.
 */
#ifndef PMPOOL_HOST_MEMORY_MAP_H
#define PMPOOL_HOST_MEMORY_MAP_H

#include "pmpool/region.h"

#define PM_ADDRESS_END ((UINT64_C(1) << 53) - 1) /* the protocol counts to here; x86 has 52 bits */

/* /sys/firmware/memmap, by address. */
struct pm_firmware_entry {
	uint64_t first, last;
	char type[48];
};
struct pm_firmware_map {
	bool there; /* false: the host has none */
	size_t count;
	struct pm_firmware_entry *entries;
};
enum pm_code pm_firmware_map_read(const struct pm_host *host, struct pm_firmware_map *map, struct pm_error *err);
/* One entry out of the texts of its files; false when they are none. */
bool pm_firmware_entry_parse(const char *start, const char *end, const char *type, struct pm_firmware_entry *entry);
void pm_firmware_map_free(struct pm_firmware_map *map);

/* memmap=, mem=, pmpool=, crashkernel=, reserve_mem=: one for each range. */
enum pm_option_kind {
	PM_OPTION_RESERVED,
	PM_OPTION_PMEM,
	PM_OPTION_ACPI,
	PM_OPTION_RAM,
	PM_OPTION_PMPOOL,
	PM_OPTION_CRASHKERNEL,
	PM_OPTION_LIMIT, /* no RAM from `bytes` on */
	PM_OPTION_OTHER
};
const char *pm_option_kind_name(enum pm_option_kind kind);
struct pm_memory_option {
	enum pm_option_kind kind;
	bool has_base, has_bytes;
	uint64_t base, bytes;
	char text[256];
};
enum pm_code pm_memory_options(const char *cmdline, struct pm_memory_option **list, size_t *count);

/* Where firmware and kernel disagree on what is RAM. */
struct pm_memory_difference {
	uint64_t first, last;
	const char *firmware; /* its type; "" where it names nothing */
	const char *kernel; /* outermost name; "" likewise */
	const struct pm_memory_option *option; /* that explains it, or NULL */
};

/* A stretch of System RAM that memmap= could give away. */
struct pm_memory_free {
	uint64_t first, last;
	char why[160]; /* what speaks against it; empty: nothing */
};

struct pm_memory_map {
	struct pm_iomem kernel; /* tidied */
	struct pm_firmware_map firmware;
	struct pm_memory_option *options;
	struct pm_node_range *nodes;
	struct pm_memory_difference *differences; /* point into the rest */
	struct pm_memory_free *free;
	size_t option_count, node_count, difference_count, free_count;
};

/* All of it as it is now. */
enum pm_code pm_memory_map_read(const struct pm_host *host, struct pm_memory_map *map, struct pm_error *err);
/* Differences and free stretches, out of the rest. */
enum pm_code pm_memory_map_compare(struct pm_memory_map *map);
void pm_memory_map_free(struct pm_memory_map *map);

/* Neighbours of one name and depth become one (a kexec leaves System RAM in pieces); ends are cut to PM_ADDRESS_END. */
void pm_iomem_tidy(struct pm_iomem *iomem);
/* The outermost entry at an address, NULL when none is; *until (in: the last address of interest) is how far that
 * holds. */
const struct pm_iomem_entry *pm_iomem_outermost(const struct pm_iomem *iomem, uint64_t address, uint64_t *until);
/* What the kernel itself lies in: Kernel code, rodata, data, bss. */
bool pm_iomem_is_kernel(const struct pm_iomem_entry *entry);

/* For pm_memory_map_compare. */
enum pm_code pm_memory_differences(struct pm_memory_map *map);
enum pm_code pm_memory_free_find(struct pm_memory_map *map);

#endif
