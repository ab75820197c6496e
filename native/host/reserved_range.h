/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether a range is reserved, by each of the places that can tell. */
#ifndef PMPOOL_RESERVED_RANGE_H
#define PMPOOL_RESERVED_RANGE_H

#include "check.h"
#include "memory_map.h"

struct pm_reserved_range {
	const struct pm_memory_option *option; /* the memmap= that covers it, or NULL */
	bool hidden; /* /proc/iomem tells nothing; what follows is 0 */
	uint64_t bytes, ram, reserved, persistent; /* of /proc/iomem */
	uint64_t firmware_ram; /* bytes that the firmware calls RAM */
	bool firmware_there;
};
void pm_reserved_range_read(const struct pm_memory_map *map, uint64_t base, uint64_t bytes,
			    struct pm_reserved_range *range);
/* Pass: reserved in all places. Warn: reserved, yet no RAM by the firmware. Fail: not reserved as the option says. */
enum pm_level pm_reserved_range_level(const struct pm_reserved_range *range);
/* One sentence: each place with what it says. */
void pm_reserved_range_detail(const struct pm_reserved_range *range, char *text, size_t size);

#endif
