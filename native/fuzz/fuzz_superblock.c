/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Superblocks with right checksums. {which: 1 byte, where: 2 bytes, length: 1 byte, bytes}, again and again. Which: 0
 * to 3 for A and B of the regions, and bit 7 leaves its checksum wrong; where falls into the fields, not into the
 * reserved bytes.
 */
#include "core/superblock.h"
#include "hostile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hostile_region *regions = hostile_start();
	bool leave[4] = {false};

	while (size >= 4) {
		uint64_t which = hostile_take(&data, &size, 1), at = hostile_take(&data, &size, 2);
		uint64_t count = hostile_take(&data, &size, 1);
		struct hostile_region *region = &regions[which >> 1 & 1];
		uint8_t *sb = region->memory + (which & 1 ? region->bytes - 4096 : 0);

		leave[which & 3] |= which >> 7;
		for (; count && size; count--)
			sb[at++ % offsetof(struct pm_superblock, reserved)] = (uint8_t)hostile_take(&data, &size, 1);
	}
	for (unsigned i = 0; i < 4; i++)
		if (!leave[i])
			pm_superblock_seal(
				(struct pm_superblock *)(void *)(regions[i >> 1].memory +
								 (i & 1 ? regions[i >> 1].bytes - 4096 : 0)));
	hostile_judge();
	return 0;
}
