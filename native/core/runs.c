/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What block words and page words say together. */
#include "runs.h"
#include "search.h"

#define ALL_BAD (PM_LOW_BITS * PM_PAGE_BAD)

uint64_t pm_member_word(const struct pm_member *member, uint64_t word)
{
	uint64_t block = word / PM_WORDS_PER_BLOCK, state;

	if (block >= member->block_count)
		return ALL_BAD;
	state = pm_block_state(pm_block_load(member, block));
	if (state == PM_BLOCK_SPLIT)
		return pm_word_load(member, word);
	if (state == PM_BLOCK_HEAD)
		return PM_LOW_BITS | (word % PM_WORDS_PER_BLOCK ? 0 : PM_PAGE_HEAD);
	return PM_LOW_BITS * state;
}

enum pm_page_state pm_member_state(const struct pm_member *member, uint64_t page)
{
	return (enum pm_page_state)(pm_member_word(member, page >> PM_WORD_SHIFT) >> (2 * pm_in_word(page)) & 3);
}

void pm_member_states(const struct pm_member *member, uint64_t first, uint64_t words, uint64_t *states)
{
	for (uint64_t i = 0; i < words; i++)
		states[i] = pm_member_word(member, (first >> PM_WORD_SHIFT) + i);
}

/* --- searching --- */

static inline uint64_t not_continues(uint64_t w)
{
	return ~pm_word_continues(w) & PM_LOW_BITS;
}

uint64_t pm_next_free(const struct pm_member *member, uint64_t from, uint64_t to)
{
	return pm_search_next(member, from, to, pm_word_free);
}

uint64_t pm_next_used(const struct pm_member *member, uint64_t from, uint64_t to)
{
	return pm_search_next(member, from, to, pm_word_used);
}

uint64_t pm_next_head(const struct pm_member *member, uint64_t from, uint64_t to)
{
	return pm_search_next(member, from, to, pm_word_heads);
}

uint64_t pm_next_bad(const struct pm_member *member, uint64_t from, uint64_t to)
{
	return pm_search_next(member, from, to, pm_word_bad);
}

uint64_t pm_run_end(const struct pm_member *member, uint64_t from)
{
	return pm_search_next(member, from, member->sb.data_end, not_continues);
}

uint64_t pm_last_used(const struct pm_member *member, uint64_t from, uint64_t to)
{
	return pm_search_last(member, from, to, pm_word_used);
}

bool pm_run_is(const struct pm_member *member, uint64_t page, uint64_t pages)
{
	if (page < member->sb.data_first || page >= member->sb.data_end || pages > member->sb.data_end - page)
		return false;
	return pm_member_state(member, page) == PM_PAGE_HEAD && pm_run_end(member, page + 1) == page + pages;
}
