/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Block words and page states with right checks. The first byte: bit 0 makes codes and checks right again, bit 1 and 2
 * say that the regions were left busy. Then {which: 1 byte, index: 1 byte, value: 8 bytes}; which: bit 0 the region, bit
 * 1 a block word, else a word of page states.
 */
#include "hostile.h"

enum { SEAL = 1, BUSY = 2 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hostile_region *regions = hostile_start();
	uint64_t flags = hostile_take(&data, &size, 1);

	while (size >= 3) {
		uint64_t which = hostile_take(&data, &size, 1), index = hostile_take(&data, &size, 1), bytes;
		uint64_t *words = hostile_section(&regions[which & 1],
						  which & 2 ? PM_SECTION_BLOCKS : PM_SECTION_PAGE_STATES, &bytes);
		uint64_t blocks = (regions[which & 1].sb.page_count + PM_BLOCK_PAGES - 1) / PM_BLOCK_PAGES;

		words[index % (which & 2 ? blocks : blocks * PM_WORDS_PER_BLOCK)] = hostile_take(&data, &size, 8);
	}
	if (flags & SEAL)
		hostile_seal_blocks();
	for (unsigned i = 0; i < HOSTILE_REGIONS; i++)
		if (flags & (uint64_t)BUSY << i)
			((struct pm_shared *)hostile_section(&regions[i], PM_SECTION_SHARED, NULL))->busy = PM_BUSY;
	hostile_judge();
	return 0;
}
