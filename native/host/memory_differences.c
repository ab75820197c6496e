/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the firmware says RAM and the kernel does not, or the other way round: one walk over the places where either,
 * or an option that may explain it, begins or ends. */
#include "grow.h"
#include "iomem_cover.h"
#include "memory_map.h"
#include <string.h>

static const struct pm_firmware_entry *firmware_at(const struct pm_firmware_map *map, uint64_t address, uint64_t *until)
{
	const struct pm_firmware_entry *found = NULL;

	for (size_t i = 0; i < map->count; i++) {
		const struct pm_firmware_entry *entry = &map->entries[i];

		if (entry->first > address) {
			if (entry->first - 1 < *until)
				*until = entry->first - 1;
			break; /* by address */
		}
		if (found || entry->last < address)
			continue;
		found = entry;
		if (entry->last < *until)
			*until = entry->last;
	}
	return found;
}

/* From where to where an option changes what is RAM; false for one that does not. */
static bool option_span(const struct pm_memory_option *option, uint64_t *first, uint64_t *last)
{
	if (option->kind == PM_OPTION_LIMIT) {
		*first = option->bytes;
		*last = PM_ADDRESS_END;
		return true;
	}
	*first = option->base;
	*last = option->base + option->bytes - 1;
	return option->kind <= PM_OPTION_RAM && option->has_base && option->has_bytes;
}

/* The first that covers it; one that names its range goes before a limit. */
static const struct pm_memory_option *option_at(const struct pm_memory_map *map, uint64_t address, uint64_t *until)
{
	const struct pm_memory_option *found = NULL;

	for (size_t i = 0; i < map->option_count; i++) {
		uint64_t first, last;

		if (!option_span(&map->options[i], &first, &last))
			continue;
		if (first > address && first - 1 < *until)
			*until = first - 1;
		if (first > address || last < address)
			continue;
		if (last < *until)
			*until = last;
		if (!found || (found->kind == PM_OPTION_LIMIT && map->options[i].kind != PM_OPTION_LIMIT))
			found = &map->options[i];
	}
	return found;
}

static bool add(struct pm_memory_map *map, const struct pm_memory_difference *difference)
{
	struct pm_memory_difference *last = map->difference_count ? &map->differences[map->difference_count - 1] : NULL;

	if (last && last->last + 1 == difference->first && last->option == difference->option &&
	    strcmp(last->firmware, difference->firmware) == 0 && strcmp(last->kernel, difference->kernel) == 0) {
		last->last = difference->last;
		return true;
	}
	if (!pm_grow((void **)&map->differences, map->difference_count, sizeof(*difference)))
		return false;
	map->differences[map->difference_count++] = *difference;
	return true;
}

enum pm_code pm_memory_differences(struct pm_memory_map *map)
{
	uint64_t until;

	for (uint64_t at = 0; at < PM_ADDRESS_END; at = until + 1) {
		const struct pm_firmware_entry *firmware;
		const struct pm_iomem_entry *kernel;
		const struct pm_memory_option *option;

		until = PM_ADDRESS_END;
		firmware = firmware_at(&map->firmware, at, &until);
		kernel = pm_iomem_outermost(&map->kernel, at, &until);
		option = option_at(map, at, &until);
		if ((firmware && strcmp(firmware->type, "System RAM") == 0) == (kernel && pm_iomem_is_ram(kernel)))
			continue;
		if (!add(map, &(struct pm_memory_difference){at, until, firmware ? firmware->type : "",
							     kernel ? kernel->name : "", option}))
			return PM_E_OUT_OF_MEMORY;
	}
	return PM_OK;
}
