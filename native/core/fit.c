/* SPDX-License-Identifier: GPL-2.0-or-later */
/* First fit over the states: for what the hints do not know (odd counts, ranges, alignments of odd bases). */
#include "room.h"

#define RACES_MAX 1000

static uint64_t frame(const struct pm_member *member, uint64_t page)
{
	return (member->sb.physical_base >> PM_PAGE_SHIFT) + page;
}

uint64_t pm_page_align(const struct pm_member *member, uint64_t page, uint32_t order)
{
	uint64_t first = frame(member, 0), ones = (UINT64_C(1) << order) - 1;

	return ((first + page + ones) & ~ones) - first;
}

/* First place at or after `page`, free or not. */
static uint64_t place_from(const struct pm_member *member, const struct pm_need *need, uint64_t page)
{
	uint64_t at = pm_page_align(member, page, need->align), span;

	if (need->within >= 64)
		return at;
	span = UINT64_C(1) << need->within;
	if ((frame(member, at) & (span - 1)) + need->pages <= span)
		return at;
	return pm_page_align(member, at, need->within > need->align ? need->within : need->align);
}

/* First block from `block` on that may have a free page. */
static uint64_t next_block(struct pm_member *member, uint64_t block)
{
	uint64_t split = pm_tree_next(&member->index->split, 0, block, 1, true);
	uint64_t whole = pm_index_next_free(member, block);

	return split < whole ? split : whole;
}

static uint64_t next_free(struct pm_member *member, uint64_t from, uint64_t to)
{
	while (from < to) {
		uint64_t first = next_block(member, from >> PM_BLOCK_SHIFT), end, page;

		if (first >= member->block_count)
			break;
		first <<= PM_BLOCK_SHIFT;
		from = first > from ? first : from;
		if (from >= to)
			break;
		end = (from & ~(PM_BLOCK_PAGES - 1)) + PM_BLOCK_PAGES;
		end = end < to ? end : to;
		page = pm_next_free(member, from, end);
		if (page < end)
			return page;
		from = end;
	}
	return to;
}

static uint64_t find(struct pm_member *member, const struct pm_need *need, uint64_t from, uint64_t to)
{
	uint64_t page = from, known_free = from; /* [page, known_free) has been seen free */

	for (;;) {
		uint64_t used;

		if (known_free <= page)
			known_free = page = place_from(member, need, next_free(member, page, to));
		if (page >= to || need->pages > to - page)
			return PM_NO_PAGE;
		/* From the end: what stands in the way last rules out all places before it. */
		used = pm_last_used(member, known_free, page + need->pages);
		if (used == PM_NO_PAGE)
			return page;
		known_free = page + need->pages;
		page = place_from(member, need, used + 1);
	}
}

/* Page indexes that lie in the addresses asked for. */
static void range(const struct pm_member *member, const struct pm_need *need, uint64_t *from, uint64_t *to)
{
	uint64_t base = member->sb.physical_base, first, end;

	*from = member->sb.data_first;
	*to = member->sb.data_end;
	if (need->address_from > base) {
		first = (need->address_from - base - 1) / PM_PAGE_SIZE + 1;
		*from = first > *from ? first : *from;
	}
	end = need->address_to > base ? (need->address_to - base) >> PM_PAGE_SHIFT : 0;
	*to = end < *to ? end : *to;
}

enum pm_code pm_fit_take(struct pm_member *member, const struct pm_need *need, uint64_t *page)
{
	uint64_t from, to;

	range(member, need, &from, &to);
	for (int races = 0; races < RACES_MAX; races++) {
		*page = find(member, need, from, to);
		if (*page == PM_NO_PAGE)
			return PM_E_NO_SPACE;
		if (pm_claim_place(member, *page, need->pages, need->head, need->lane))
			return PM_OK;
	}
	return PM_E_REGION_BUSY;
}
