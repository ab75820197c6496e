/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What block words and page words say together. */
#include "runs.h"
#include "pages.h"

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

typedef uint64_t select_fn(uint64_t word); /* the lower bit of each page that is looked for */

static inline uint64_t not_continues(uint64_t w)
{
	return ~pm_word_continues(w) & PM_LOW_BITS;
}

/* In the page words of one split block. */
static inline __attribute__((always_inline)) uint64_t next_in_words(const struct pm_member *member, uint64_t from,
								    uint64_t to, select_fn *select)
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
static inline __attribute__((always_inline)) uint64_t next_in_whole(unsigned state, uint64_t from, uint64_t to,
								    select_fn *select)
{
	unsigned rest = state == PM_BLOCK_HEAD ? PM_PAGE_CONTINUES : state;

	if (from % PM_BLOCK_PAGES == 0) {
		if (select(state) & 1)
			return from;
		from++;
	}
	return select(rest) & 1 ? from : to;
}

/* The selector is inlined into each caller. */
static inline __attribute__((always_inline)) uint64_t next(const struct pm_member *member, uint64_t from, uint64_t to,
							   select_fn *select)
{
	while (from < to) {
		uint64_t block = from >> PM_BLOCK_SHIFT, end = (block + 1) << PM_BLOCK_SHIFT, found;
		unsigned state = pm_block_state(pm_block_load(member, block));

		end = end < to ? end : to;
		if (state == PM_BLOCK_SPLIT)
			found = next_in_words(member, from, end, select);
		else
			found = next_in_whole(state, from, end, select);
		if (found < end)
			return found;
		from = end;
	}
	return to;
}

uint64_t pm_next_free(const struct pm_member *member, uint64_t from, uint64_t to)
{
	return next(member, from, to, pm_word_free);
}

uint64_t pm_next_used(const struct pm_member *member, uint64_t from, uint64_t to)
{
	return next(member, from, to, pm_word_used);
}

uint64_t pm_next_head(const struct pm_member *member, uint64_t from, uint64_t to)
{
	return next(member, from, to, pm_word_heads);
}

uint64_t pm_next_bad(const struct pm_member *member, uint64_t from, uint64_t to)
{
	return next(member, from, to, pm_word_bad);
}

uint64_t pm_run_end(const struct pm_member *member, uint64_t from)
{
	return next(member, from, member->sb.data_end, not_continues);
}

/* Last used page of [from, to), which lies in one block, or PM_NO_PAGE. */
static uint64_t last_in_block(const struct pm_member *member, uint64_t from, uint64_t to)
{
	uint64_t word = (to - 1) >> PM_WORD_SHIFT, used;
	unsigned state = pm_block_state(pm_block_load(member, from >> PM_BLOCK_SHIFT));

	if (state != PM_BLOCK_SPLIT)
		return state == PM_BLOCK_FREE ? PM_NO_PAGE : to - 1;
	used = pm_word_used(pm_word_load(member, word)) & UINT64_MAX >> (62 - 2 * pm_in_word(to - 1));
	while (!used && word > from >> PM_WORD_SHIFT)
		used = pm_word_used(pm_word_load(member, --word));
	if (!used)
		return PM_NO_PAGE;
	used = (word << PM_WORD_SHIFT) + (uint64_t)(63 - __builtin_clzll(used)) / 2;
	return used >= from ? used : PM_NO_PAGE;
}

uint64_t pm_last_used(const struct pm_member *member, uint64_t from, uint64_t to)
{
	while (from < to) {
		uint64_t first = (to - 1) & ~(PM_BLOCK_PAGES - 1), found;

		first = first > from ? first : from;
		found = last_in_block(member, first, to);
		if (found != PM_NO_PAGE)
			return found;
		to = first;
	}
	return PM_NO_PAGE;
}

bool pm_run_is(const struct pm_member *member, uint64_t page, uint64_t pages)
{
	if (page < member->sb.data_first || page >= member->sb.data_end || pages > member->sb.data_end - page)
		return false;
	return pm_member_state(member, page) == PM_PAGE_HEAD && pm_run_end(member, page + 1) == page + pages;
}
