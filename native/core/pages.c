/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pages.h"
#include "persist.h"

#define PER_WORD PM_PAGES_PER_WORD

static inline unsigned in_word(uint64_t page)
{
	return (unsigned)(page % PER_WORD);
}

/* First page of [from, to) whose bit `select` gives; the selector is inlined into each caller. */
static inline __attribute__((always_inline)) uint64_t next(const struct pm_pool *pool, uint64_t from, uint64_t to,
							   uint64_t (*select)(uint64_t))
{
	uint64_t word = from / PER_WORD, found;

	if (from >= to)
		return to;
	found = select(pm_word_load(pool, word)) & UINT64_MAX << (2 * in_word(from));
	while (!found && ++word * PER_WORD < to)
		found = select(pm_word_load(pool, word));
	if (!found)
		return to;
	found = word * PER_WORD + (uint64_t)__builtin_ctzll(found) / 2;
	return found < to ? found : to;
}

static inline uint64_t not_continues(uint64_t w)
{
	return ~pm_word_continues(w) & PM_LOW_BITS;
}

uint64_t pm_pages_next_free(const struct pm_pool *pool, uint64_t from, uint64_t to)
{
	return next(pool, from, to, pm_word_free);
}

uint64_t pm_pages_next_used(const struct pm_pool *pool, uint64_t from, uint64_t to)
{
	return next(pool, from, to, pm_word_used);
}

uint64_t pm_pages_next_head(const struct pm_pool *pool, uint64_t from, uint64_t to)
{
	return next(pool, from, to, pm_word_heads);
}

uint64_t pm_pages_continue_end(const struct pm_pool *pool, uint64_t from, uint64_t to)
{
	return next(pool, from, to, not_continues);
}

/* Continuing pages after a page that is neither head nor continuing; `from` is the first page of the data. */
uint64_t pm_pages_next_orphan(const struct pm_pool *pool, uint64_t from, uint64_t to)
{
	uint64_t carry = 0; /* was the page before this word part of an allocation */

	for (uint64_t word = from / PER_WORD; word * PER_WORD < to; word++) {
		uint64_t w = pm_word_load(pool, word), part, orphans;

		if (word == from / PER_WORD)
			w &= UINT64_MAX << (2 * in_word(from));
		part = w & PM_LOW_BITS; /* heads and continuing pages have the lower bit set */
		orphans = pm_word_continues(w) & ~(part << 2 | carry);
		if (orphans) {
			uint64_t page = word * PER_WORD + (uint64_t)__builtin_ctzll(orphans) / 2;

			return page < to ? page : to;
		}
		carry = part >> 62;
	}
	return to;
}

uint64_t pm_pages_last_used(const struct pm_pool *pool, uint64_t from, uint64_t to)
{
	uint64_t word, used;

	if (from >= to)
		return PM_NO_PAGE;
	word = (to - 1) / PER_WORD;
	used = pm_word_used(pm_word_load(pool, word)) & UINT64_MAX >> (62 - 2 * in_word(to - 1));
	while (!used && word > from / PER_WORD)
		used = pm_word_used(pm_word_load(pool, --word));
	if (!used)
		return PM_NO_PAGE;
	used = word * PER_WORD + (uint64_t)(63 - __builtin_clzll(used)) / 2;
	return used >= from ? used : PM_NO_PAGE;
}

uint64_t pm_pages_align(const struct pm_pool *pool, uint64_t page, uint32_t order)
{
	uint64_t first = pool->sb.physical_base >> PM_PAGE_SHIFT, ones = (UINT64_C(1) << order) - 1;

	return ((first + page + ones) & ~ones) - first;
}

uint64_t pm_pages_find(const struct pm_pool *pool, uint64_t from, uint64_t to, uint64_t pages, uint32_t order)
{
	uint64_t page = from, known_free = from; /* [page, known_free) has been seen free */

	for (;;) {
		uint64_t used;

		if (known_free <= page)
			known_free = page = pm_pages_align(pool, pm_pages_next_free(pool, page, to), order);
		if (page >= to || pages > to - page)
			return PM_NO_PAGE;
		/* From the end: what stands in the way last rules out all places before it. */
		used = pm_pages_last_used(pool, known_free, page + pages);
		if (used == PM_NO_PAGE)
			return page;
		known_free = page + pages;
		page = pm_pages_align(pool, used + 1, order);
	}
}

bool pm_pages_is_run(const struct pm_pool *pool, uint64_t page, uint64_t pages)
{
	if (pm_page_state_get(pool, page) != PM_PAGE_HEAD)
		return false;
	return pm_pages_continue_end(pool, page + 1, pool->sb.data_end) == page + pages;
}

/* The part of a run that lies in one word. */
static uint64_t part_mask(uint64_t word, uint64_t page, uint64_t pages)
{
	uint64_t last = page + pages - 1;

	return pm_word_mask(word == page / PER_WORD ? in_word(page) : 0,
			    word == last / PER_WORD ? in_word(last) : PER_WORD - 1);
}

static bool word_claim(struct pm_pool *pool, uint64_t word, uint64_t mask, uint64_t bits)
{
	uint64_t now = pm_word_load(pool, word);

	do
		if (now & mask)
			return false;
	while (!pm_cas64(&pool->states[word], &now, now | bits));
	return true;
}

static void word_clear(struct pm_pool *pool, uint64_t word, uint64_t mask)
{
	uint64_t now = pm_word_load(pool, word);

	while (!pm_cas64(&pool->states[word], &now, now & ~mask))
		;
}

static void words_persist(struct pm_pool *pool, uint64_t first, uint64_t last)
{
	pm_persist((const void *)&pool->states[first], (size_t)(last - first + 1) * 8);
}

bool pm_pages_claim(struct pm_pool *pool, uint64_t page, uint64_t pages)
{
	uint64_t first = page / PER_WORD, last = (page + pages - 1) / PER_WORD, word, mask;

	for (word = first + 1; word <= last; word++) {
		mask = part_mask(word, page, pages);
		if (!word_claim(pool, word, mask, mask & PM_LOW_BITS))
			goto undo;
	}
	if (last > first)
		words_persist(pool, first + 1, last);
	mask = part_mask(first, page, pages);
	if (!word_claim(pool, first, mask, (mask & PM_LOW_BITS) | UINT64_C(3) << (2 * in_word(page))))
		goto undo;
	words_persist(pool, first, first);
	return true;
undo:
	while (--word > first)
		word_clear(pool, word, part_mask(word, page, pages));
	return false;
}

void pm_pages_release(struct pm_pool *pool, uint64_t page, uint64_t pages)
{
	uint64_t first = page / PER_WORD, last = (page + pages - 1) / PER_WORD;

	word_clear(pool, first, part_mask(first, page, pages));
	words_persist(pool, first, first);
	for (uint64_t word = first + 1; word <= last; word++)
		word_clear(pool, word, part_mask(word, page, pages));
	if (last > first)
		words_persist(pool, first + 1, last);
}
