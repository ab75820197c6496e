/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stretches of System RAM that memmap= could give away: nothing named inside it (kernel, crash kernel, tables), nothing
 * that an option names, nothing below 16 MiB, where firmware, real mode and the old DMA zone live.
 */
#include "grow.h"
#include "iomem_cover.h"
#include "memory_map.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define LOWEST (UINT64_C(16) << 20)
#define ALIGN (UINT64_C(2) << 20)
#define DMA32 (UINT64_C(1) << 32)

/* The node whose block an address is in; -1: not told. *end: one past its range. */
static int32_t node_at(const struct pm_memory_map *map, uint64_t address, uint64_t *end)
{
	for (size_t i = 0; i < map->node_count; i++)
		if (address >= map->nodes[i].base && address - map->nodes[i].base < map->nodes[i].bytes) {
			*end = map->nodes[i].base + map->nodes[i].bytes;
			return map->nodes[i].node;
		}
	return -1;
}

static void explain(const struct pm_memory_map *map, struct pm_memory_free *free)
{
	uint64_t end = 0, other;
	int32_t node = node_at(map, free->first, &end), last = node_at(map, free->last, &other);
	int used = 0;

	if (free->first < DMA32)
		used = snprintf(free->why, sizeof(free->why), "below 4 GiB, where devices with 32-bit DMA need memory");
	if (node >= 0 && last >= 0 && node != last)
		snprintf(free->why + used, sizeof(free->why) - (size_t)used,
			 "%sspans NUMA nodes %d to %d: node %d ends at 0x%" PRIx64, used ? "; " : "", node, last, node,
			 end);
}

static bool add(struct pm_memory_map *map, uint64_t first, uint64_t end)
{
	struct pm_memory_free free = {.why = ""};

	first = (first + ALIGN - 1) / ALIGN * ALIGN;
	end = end / ALIGN * ALIGN;
	if (first >= end)
		return true;
	free.first = first;
	free.last = end - 1;
	explain(map, &free);
	if (!pm_grow((void **)&map->free, map->free_count, sizeof(free)))
		return false;
	map->free[map->free_count++] = free;
	return true;
}

/* The lowest thing in the way in [from, end): its first and last address. */
struct obstacle {
	uint64_t first, last;
	bool found;
};

static void consider(struct obstacle *obstacle, uint64_t from, uint64_t end, uint64_t first, uint64_t last)
{
	if (last < from || first >= end || (obstacle->found && first >= obstacle->first))
		return;
	*obstacle = (struct obstacle){first, last, true};
}

/* All parts of the kernel and what lies between them count as one. */
static bool kernel_span(const struct pm_iomem *iomem, uint64_t *first, uint64_t *last)
{
	*first = UINT64_MAX;
	*last = 0;
	for (size_t i = 0; i < iomem->count; i++) {
		if (!pm_iomem_is_kernel(&iomem->entries[i]))
			continue;
		if (iomem->entries[i].first < *first)
			*first = iomem->entries[i].first;
		if (iomem->entries[i].last > *last)
			*last = iomem->entries[i].last;
	}
	return *first <= *last;
}

static struct obstacle next_obstacle(const struct pm_memory_map *map, uint64_t from, uint64_t end)
{
	struct obstacle obstacle = {0};
	uint64_t first, last;

	if (kernel_span(&map->kernel, &first, &last))
		consider(&obstacle, from, end, first, last);
	for (size_t i = 0; i < map->kernel.count; i++)
		if (map->kernel.entries[i].depth)
			consider(&obstacle, from, end, map->kernel.entries[i].first, map->kernel.entries[i].last);
	for (size_t i = 0; i < map->option_count; i++) {
		const struct pm_memory_option *option = &map->options[i];

		if (option->has_base && option->has_bytes && option->kind != PM_OPTION_RAM)
			consider(&obstacle, from, end, option->base, option->base + option->bytes - 1);
	}
	return obstacle;
}

static bool add_parts(struct pm_memory_map *map, uint64_t first, uint64_t end)
{
	uint64_t from = first < LOWEST ? LOWEST : first;

	while (from < end) {
		struct obstacle obstacle = next_obstacle(map, from, end);

		if (!add(map, from,
			 obstacle.found && obstacle.first > from ? obstacle.first
			 : obstacle.found			 ? from
								 : end))
			return false;
		if (!obstacle.found || obstacle.last >= end - 1)
			break;
		from = obstacle.last + 1;
	}
	return true;
}

enum pm_code pm_memory_free_find(struct pm_memory_map *map)
{
	for (size_t i = 0; i < map->kernel.count; i++) {
		const struct pm_iomem_entry *entry = &map->kernel.entries[i];

		if (entry->depth || !pm_iomem_is_ram(entry))
			continue;
		if (!add_parts(map, entry->first, entry->last + 1))
			return PM_E_OUT_OF_MEMORY;
	}
	return PM_OK;
}
