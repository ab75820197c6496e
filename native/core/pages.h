/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Page words: two bits a page, 32 pages to a word. They count while their block is split. */
#ifndef PMPOOL_PAGES_H
#define PMPOOL_PAGES_H

#include "blocks.h"

#define PM_LOW_BITS UINT64_C(0x5555555555555555) /* the lower bit of each page */
#define PM_WORD_SHIFT 5u /* of PM_PAGES_PER_WORD */

static inline uint64_t pm_word_load(const struct pm_member *member, uint64_t word)
{
	return atomic_load_explicit(&member->states[word], memory_order_acquire);
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
static inline unsigned pm_in_word(uint64_t page)
{
	return (unsigned)(page % PM_PAGES_PER_WORD);
}
/* Both bits of the pages of [from, to) that lie in this word; some do. */
static inline uint64_t pm_part_mask(uint64_t word, uint64_t from, uint64_t to)
{
	return pm_word_mask(word == from >> PM_WORD_SHIFT ? pm_in_word(from) : 0,
			    word == (to - 1) >> PM_WORD_SHIFT ? pm_in_word(to - 1) : PM_PAGES_PER_WORD - 1);
}
/* A run's bits in its first word: its head in this state, the pages of `mask` behind it continue. */
static inline uint64_t pm_run_bits(uint64_t mask, unsigned head_at, unsigned head)
{
	return ((mask & PM_LOW_BITS) & ~(UINT64_C(1) << (2 * head_at))) | (uint64_t)head << (2 * head_at);
}

/* The lower bit of each page where 2^order aligned free pages start; order <= 5. */
static inline uint64_t pm_word_slots(uint64_t w, unsigned order)
{
	static const uint64_t starts[6] = {UINT64_MAX,
					   UINT64_C(0x1111111111111111),
					   UINT64_C(0x0101010101010101),
					   UINT64_C(0x0001000100010001),
					   UINT64_C(0x0000000100000001),
					   1};
	uint64_t free = pm_word_free(w);

	for (unsigned i = 0; i < order; i++)
		free &= free >> (2u << i);
	return free & starts[order];
}

/* `bits` were just claimed in a page word: the check follows. False, and they are free again, when the block is not
 * split (any more). */
void pm_word_undo(struct pm_member *member, uint64_t word, uint64_t bits);
static inline bool pm_word_settle(struct pm_member *member, uint64_t word, uint64_t bits)
{
	uint64_t old = pm_xor64(&member->blocks[word / PM_WORDS_PER_BLOCK], pm_check_of_word(word, bits));

	if (__builtin_expect(pm_block_state(old) == PM_BLOCK_SPLIT, true))
		return true;
	pm_word_undo(member, word, bits);
	return false;
}

/* One page word of a split block: `mask` from free to `bits`, with the check. False and nothing changed when one of
 * the pages is not free or the block is not split. */
bool pm_word_claim(struct pm_member *member, uint64_t word, uint64_t mask, uint64_t bits);
/* The pages of `mask`, which are the caller's, to free, without the check: gives what that takes. */
uint64_t pm_word_clear(struct pm_member *member, uint64_t word, uint64_t mask);
/* The same for the pages [from, to) of one block, descending. */
uint64_t pm_words_wipe(struct pm_member *member, uint64_t from, uint64_t to);
/* `mask` from free to `bits`, without the check; false when one of the pages is not free. */
bool pm_word_set(struct pm_member *member, uint64_t word, uint64_t mask, uint64_t bits);
/* Bits of pages that are the caller's, without the check; with it. */
void pm_word_turn(struct pm_member *member, uint64_t word, uint64_t bits);
void pm_word_flip(struct pm_member *member, uint64_t word, uint64_t bits);

/* The pages [from, to) of one split block, ascending, from free to CONTINUES or BAD; all or none. */
bool pm_words_claim(struct pm_member *member, uint64_t from, uint64_t to, enum pm_page_state state);
/* The pages [from, to) of one split block, which are the caller's, to free, descending. */
void pm_words_clear(struct pm_member *member, uint64_t from, uint64_t to);

/* Flush the page words of [from, to) and their blocks' words where that is needed; no fence. */
void pm_words_flush_all(const struct pm_member *member, uint64_t from, uint64_t to);
static inline void pm_words_flush(const struct pm_member *member, uint64_t from, uint64_t to)
{
	if (__builtin_expect(member->flush, 0))
		pm_words_flush_all(member, from, to);
}

#endif
