/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Page words as the page map reads them: what a block says as a whole, and where it is split, word by word. */
#ifndef PMPOOL_MAP_WALK_H
#define PMPOOL_MAP_WALK_H

#include "pages.h"
#include "runs.h"

/* How many of the lower bits of pages are set: at most 32. (The compiler's own calls a function where the processor
 * may lack the instruction.) */
static inline uint64_t pm_bits_count(uint64_t low)
{
	low = (low & UINT64_C(0x3333333333333333)) + (low >> 2 & UINT64_C(0x3333333333333333));
	low = (low + (low >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f);
	return low * UINT64_C(0x0101010101010101) >> 56;
}

/* One past the last page of [page, to) that is in the block of `page`. */
static inline uint64_t pm_block_end(uint64_t page, uint64_t to)
{
	uint64_t end = (page | (PM_BLOCK_PAGES - 1)) + 1;

	return end < to ? end : to;
}

static inline uint64_t pm_word_end(uint64_t page, uint64_t to)
{
	uint64_t end = (page | (PM_PAGES_PER_WORD - 1)) + 1;

	return end < to ? end : to;
}

#endif
