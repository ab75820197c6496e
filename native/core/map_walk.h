/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Page words as the page map reads them: what a block says as a whole, and where it is split, word by word. */
#ifndef PMPOOL_MAP_WALK_H
#define PMPOOL_MAP_WALK_H

#include "pages.h"
#include "pmpool/map.h"
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

/* The same for the blocks from that of `page` on that are free, or continue, alike. */
static inline uint64_t pm_alike_end(const struct pm_member *member, uint64_t page, uint64_t to, unsigned state)
{
	uint64_t end = pm_block_end(page, to);

	if (state == PM_BLOCK_FREE || state == PM_BLOCK_CONTINUES)
		while (end < to && pm_block_state(pm_block_load(member, end >> PM_BLOCK_SHIFT)) == state)
			end = to - end > PM_BLOCK_PAGES ? end + PM_BLOCK_PAGES : to;
	return end;
}

static inline uint64_t pm_word_end(uint64_t page, uint64_t to)
{
	uint64_t end = (page | (PM_PAGES_PER_WORD - 1)) + 1;

	return end < to ? end : to;
}

/* The part of the pool pages [from, to) that is among the data of a region, as page indexes; false when none is. */
static inline bool pm_map_clip(const struct pm_member *member, uint64_t from, uint64_t to, uint64_t *page,
			       uint64_t *end)
{
	uint64_t base = member->sb.first_pool_page;

	*page = from > base ? from - base : 0;
	*end = to > base ? to - base : 0;
	*page = *page > member->sb.data_first ? *page : member->sb.data_first;
	*end = *end < member->sb.data_end ? *end : member->sb.data_end;
	return *page < *end;
}

/* Of the lower bits of free pages: where `pages` of them in a row begin. */
static inline uint64_t pm_bits_runs(uint64_t free, uint64_t pages)
{
	if (pages > PM_PAGES_PER_WORD)
		return 0;
	for (uint64_t have = 1, more; have < pages && free; have += more) {
		more = pages - have < have ? pages - have : have;
		free &= free >> (2 * more);
	}
	return free;
}

/* The place in its word of the first, the last page of these lower bits, which are not 0. */
static inline unsigned pm_bits_first(uint64_t low)
{
	return (unsigned)__builtin_ctzll(low) / 2;
}
static inline unsigned pm_bits_last(uint64_t low)
{
	return (63 - (unsigned)__builtin_clzll(low)) / 2;
}

#endif
