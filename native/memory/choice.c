/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "choice.h"

enum { CHUNK_WORDS = 64 };
#define LOW_BITS UINT64_C(0x5555555555555555)

/* The lower bit of each page of the word that counts: CONTINUES is 1, HEAD is 3. */
static uint64_t counted(const struct choice *choice, uint64_t word_page, uint64_t states)
{
	uint64_t bits = states & LOW_BITS & (choice->heads ? states >> 1 : UINT64_MAX);

	if (word_page < choice->first)
		bits &= UINT64_MAX << 2 * (choice->first - word_page);
	if (word_page + PM_PAGES_PER_WORD > choice->end)
		bits &= UINT64_MAX >> (64 - 2 * (choice->end - word_page));
	return bits;
}

/* Such pages of [from, to); `from` is a multiple of 32. */
static uint64_t count_pages(const struct choice *choice, uint64_t from, uint64_t to)
{
	uint64_t states[CHUNK_WORDS], pages = 0;

	to = to < choice->end ? to : choice->end;
	while (from < to) {
		uint64_t words = (to - from + PM_PAGES_PER_WORD - 1) / PM_PAGES_PER_WORD;

		words = words < CHUNK_WORDS ? words : CHUNK_WORDS;
		pm_page_states(choice->pool, from, words, states);
		for (uint64_t i = 0; i < words; i++, from += PM_PAGES_PER_WORD) {
			uint64_t bits = counted(choice, from, states[i]);

			if (to - from < PM_PAGES_PER_WORD)
				bits &= UINT64_MAX >> (64 - 2 * (to - from));
			pages += (uint64_t)__builtin_popcountll(bits);
		}
	}
	return pages;
}

void choice_start(struct choice *choice, const struct pm_pool *pool, uint64_t first, uint64_t end, bool heads,
		  uint64_t seed)
{
	uint64_t step;

	choice->pool = pool;
	choice->first = first;
	choice->end = end;
	choice->heads = heads;
	choice->start = first & ~(uint64_t)(PM_PAGES_PER_WORD - 1);
	step = (end - choice->start + CHOICE_MARKS - 1) / CHOICE_MARKS;
	choice->stride = (step + PM_PAGES_PER_WORD - 1) & ~(uint64_t)(PM_PAGES_PER_WORD - 1);
	choice->before[0] = 0;
	for (uint64_t i = 0, at = choice->start; i < CHOICE_MARKS; i++, at += choice->stride)
		choice->before[i + 1] = choice->before[i] + count_pages(choice, at, at + choice->stride);
	shuffle_start(&choice->shuffle, choice->before[CHOICE_MARKS], seed);
	choice->turn = 0;
}

/* The page before which `rank` such pages stand; there are more than that. */
static uint64_t page_at(const struct choice *choice, uint64_t rank)
{
	uint64_t low = 0, high = CHOICE_MARKS, states, page;

	while (high - low > 1) {
		uint64_t middle = (low + high) / 2;

		if (choice->before[middle] <= rank)
			low = middle;
		else
			high = middle;
	}
	rank -= choice->before[low];
	for (page = choice->start + low * choice->stride; page < choice->end; page += PM_PAGES_PER_WORD) {
		uint64_t bits, here;

		pm_page_states(choice->pool, page, 1, &states);
		bits = counted(choice, page, states);
		here = (uint64_t)__builtin_popcountll(bits);
		if (rank < here) {
			while (rank--)
				bits &= bits - 1;
			return page + (uint64_t)__builtin_ctzll(bits) / 2;
		}
		rank -= here;
	}
	return choice->end; /* others freed some meanwhile */
}

bool page_has_content(const struct pm_pool *pool, uint64_t page)
{
	uint64_t first, end;
	enum pm_page_state state = pm_page_state_get(pool, page);
	struct pm_run run;

	if ((state != PM_PAGE_HEAD && state != PM_PAGE_CONTINUES) || !pm_page_data(pool, page, &first, &end) ||
	    page < first || page >= end)
		return false;
	for (uint32_t region = 0; region < pool->region_count; region++)
		for (uint32_t n = 0; pm_directory_run(pool, region, n, &run); n++)
			if (page >= run.page && page - run.page < run.pages)
				return false;
	return true;
}

bool choice_next(struct choice *choice, uint64_t *page)
{
	while (choice->turn < choice->shuffle.count) {
		*page = page_at(choice, shuffle_at(&choice->shuffle, choice->turn++));
		if (*page < choice->end && page_has_content(choice->pool, *page))
			return true;
	}
	return false;
}

void choice_rewind(struct choice *choice)
{
	choice->turn = 0;
}

bool choice_given(const struct choice *choice, uint64_t page)
{
	uint64_t mark, rank;
	enum pm_page_state state = pm_page_state_get(choice->pool, page);

	if (page < choice->first || page >= choice->end ||
	    !(state == PM_PAGE_HEAD || (state == PM_PAGE_CONTINUES && !choice->heads)))
		return false;
	mark = (page - choice->start) / choice->stride;
	rank = choice->before[mark] + count_pages(choice, choice->start + mark * choice->stride, page);
	return rank < choice->shuffle.count && shuffle_turn(&choice->shuffle, rank) < choice->turn;
}

uint64_t choice_any(const struct choice *choice, uint64_t number)
{
	return choice->shuffle.count ? page_at(choice, number % choice->shuffle.count) : choice->end;
}
