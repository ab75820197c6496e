/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The page states: two bits a page, 32 pages to a word. The words decide; nothing else is kept about pages.
 *
 * An allocation claims its words after the first, then the first word with the head in it: that one store commits.
 * A free clears the first word with the head in it, then the others. So a crash leaves continuing pages that follow
 * a free page, and nothing else does: an orphan run, which whoever holds the region's lock may take back.
 */
#ifndef PMPOOL_PAGES_H
#define PMPOOL_PAGES_H

#include "pmpool/core.h"
#include <stdatomic.h>

#define PM_LOW_BITS UINT64_C(0x5555555555555555) /* the lower bit of each page */
#define PM_NO_PAGE UINT64_MAX

static inline uint64_t pm_word_load(const struct pm_pool *pool, uint64_t word)
{
	return atomic_load_explicit(&pool->states[word], memory_order_acquire);
}

/* Each gives the lower bit of the pages in that state. */
static inline uint64_t pm_word_used(uint64_t w)
{
	return (w | w >> 1) & PM_LOW_BITS;
}
static inline uint64_t pm_word_free(uint64_t w)
{
	return ~(w | w >> 1) & PM_LOW_BITS;
}
static inline uint64_t pm_word_heads(uint64_t w)
{
	return w & w >> 1 & PM_LOW_BITS;
}
static inline uint64_t pm_word_continues(uint64_t w)
{
	return w & ~(w >> 1) & PM_LOW_BITS;
}
static inline uint64_t pm_word_bad(uint64_t w)
{
	return ~w & w >> 1 & PM_LOW_BITS;
}
/* Both bits of the pages first..last (inside the word, inclusive). */
static inline uint64_t pm_word_mask(unsigned first, unsigned last)
{
	return UINT64_MAX << (2 * first) & UINT64_MAX >> (62 - 2 * last);
}

/* First page of [from, to) in that state, or `to`. */
uint64_t pm_pages_next_free(const struct pm_pool *pool, uint64_t from, uint64_t to);
uint64_t pm_pages_next_used(const struct pm_pool *pool, uint64_t from, uint64_t to);
uint64_t pm_pages_next_head(const struct pm_pool *pool, uint64_t from, uint64_t to);
uint64_t pm_pages_next_orphan(const struct pm_pool *pool, uint64_t from, uint64_t to);
/* One past the continuing pages that start at `from`. */
uint64_t pm_pages_continue_end(const struct pm_pool *pool, uint64_t from, uint64_t to);
/* Last page of [from, to) that is not free, or PM_NO_PAGE. */
uint64_t pm_pages_last_used(const struct pm_pool *pool, uint64_t from, uint64_t to);

/* Lowest run of free pages in [from, to) whose head's physical page frame number is a multiple of 2^order. */
uint64_t pm_pages_find(const struct pm_pool *pool, uint64_t from, uint64_t to, uint64_t pages, uint32_t order);
/* First page at or after `page` whose physical page frame number is a multiple of 2^order. */
uint64_t pm_pages_align(const struct pm_pool *pool, uint64_t page, uint32_t order);

/* Exactly this run: a head, continuing pages, and no more of them after. */
bool pm_pages_is_run(const struct pm_pool *pool, uint64_t page, uint64_t pages);

/* False and nothing changed when a page of the run is not free. */
bool pm_pages_claim(struct pm_pool *pool, uint64_t page, uint64_t pages);
/* Free a run or an orphan run, lowest word first. */
void pm_pages_release(struct pm_pool *pool, uint64_t page, uint64_t pages);

#endif
