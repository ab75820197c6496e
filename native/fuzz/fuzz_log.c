/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Log entries with right checksums: {slot: 2 bytes, where: 1 byte, length: 1 byte, bytes}. No damage to the log makes
 * a pool corrupt.
 */
#include "hostile.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hostile_region *region = hostile_start();
	uint64_t bytes;
	struct pm_log_entry *log = hostile_section(region, PM_SECTION_LOG, &bytes);

	while (size >= 4) {
		struct pm_log_entry *entry = &log[hostile_take(&data, &size, 2) % (bytes / sizeof(*log))];
		uint64_t at = hostile_take(&data, &size, 1), count = hostile_take(&data, &size, 1);

		for (uint64_t left = count & 0x7f; left && size; left--)
			((uint8_t *)entry)[at++ % sizeof(*entry)] = (uint8_t)hostile_take(&data, &size, 1);
		if (!(count & 0x80))
			entry->crc = pm_crc32c(0, (const uint8_t *)entry + offsetof(struct pm_log_entry, verb),
					       sizeof(*entry) - offsetof(struct pm_log_entry, verb));
	}
	if (hostile_judge() != PM_OK)
		abort();
	return 0;
}
