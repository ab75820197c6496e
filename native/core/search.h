/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The first and the last page of a range in one state; the selector is inlined into each caller. Page indexes. */
#ifndef PMPOOL_SEARCH_H
#define PMPOOL_SEARCH_H

#include "pages.h"
#include "runs.h"

typedef uint64_t pm_select_fn(uint64_t word); /* the lower bit of each page that is looked for */

#define PM_SEARCH static inline __attribute__((always_inline)) uint64_t

/* In the page words of one split block. */
PM_SEARCH pm_next_in_words(const struct pm_member *member, uint64_t from, uint64_t to, pm_select_fn *select)
{
	uint64_t word = from >> PM_WORD_SHIFT, found;

	found = select(pm_word_load(member, word)) & UINT64_MAX << (2 * pm_in_word(from));
	while (!found && ++word << PM_WORD_SHIFT < to)
		found = select(pm_word_load(member, word));
	if (!found)
		return to;
	found = (word << PM_WORD_SHIFT) + (uint64_t)__builtin_ctzll(found) / 2;
	return found < to ? found : to;
}

/* In a block of one state: its first page may be a head, the others are alike. */
PM_SEARCH pm_next_in_whole(unsigned state, uint64_t from, uint64_t to, pm_select_fn *select)
{
	unsigned rest = state == PM_BLOCK_HEAD ? PM_PAGE_CONTINUES : state;

	if (from % PM_BLOCK_PAGES == 0) {
		if (select(state) & 1)
			return from;
		from++;
	}
	return select(rest) & 1 ? from : to;
}

/* First page of [from, to), or `to`. */
PM_SEARCH pm_search_next(const struct pm_member *member, uint64_t from, uint64_t to, pm_select_fn *select)
{
	while (from < to) {
		uint64_t block = from >> PM_BLOCK_SHIFT, end = (block + 1) << PM_BLOCK_SHIFT, found;
		unsigned state = pm_block_state(pm_block_load(member, block));

		end = end < to ? end : to;
		if (state == PM_BLOCK_SPLIT)
			found = pm_next_in_words(member, from, end, select);
		else
			found = pm_next_in_whole(state, from, end, select);
		if (found < end)
			return found;
		from = end;
	}
	return to;
}

PM_SEARCH pm_last_in_words(const struct pm_member *member, uint64_t from, uint64_t to, pm_select_fn *select)
{
	uint64_t word = (to - 1) >> PM_WORD_SHIFT, found;

	found = select(pm_word_load(member, word)) & UINT64_MAX >> (62 - 2 * pm_in_word(to - 1));
	while (!found && word > from >> PM_WORD_SHIFT)
		found = select(pm_word_load(member, --word));
	if (!found)
		return PM_NO_PAGE;
	found = (word << PM_WORD_SHIFT) + (uint64_t)(63 - __builtin_clzll(found)) / 2;
	return found >= from ? found : PM_NO_PAGE;
}

PM_SEARCH pm_last_in_whole(unsigned state, uint64_t from, uint64_t to, pm_select_fn *select)
{
	unsigned rest = state == PM_BLOCK_HEAD ? PM_PAGE_CONTINUES : state;
	uint64_t first = from % PM_BLOCK_PAGES == 0 ? from + 1 : from; /* of the pages that are alike */

	if (first < to && select(rest) & 1)
		return to - 1;
	return first > from && select(state) & 1 ? from : PM_NO_PAGE;
}

/* Last page of [from, to), or PM_NO_PAGE. */
PM_SEARCH pm_search_last(const struct pm_member *member, uint64_t from, uint64_t to, pm_select_fn *select)
{
	while (from < to) {
		uint64_t first = (to - 1) & ~(PM_BLOCK_PAGES - 1), found;
		unsigned state = pm_block_state(pm_block_load(member, first >> PM_BLOCK_SHIFT));

		first = first > from ? first : from;
		if (state == PM_BLOCK_SPLIT)
			found = pm_last_in_words(member, first, to, select);
		else
			found = pm_last_in_whole(state, first, to, select);
		if (found != PM_NO_PAGE)
			return found;
		to = first;
	}
	return PM_NO_PAGE;
}

#endif
