/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The common cases, inlined into pm_alloc and pm_free: a place in the lane's current block, one block, and their way
 * back. They do what lanes.c, groups.c and claim.c do, one store each; whatever is not at hand is left to those.
 */
#ifndef PMPOOL_QUICK_H
#define PMPOOL_QUICK_H

#include "claim.h"

#define PM_LIKELY(x) __builtin_expect(!!(x), 1)

static inline unsigned pm_class(unsigned order)
{
	return order < 3 ? 0 : order < 6 ? 1 : 2;
}

/* One word: page of the run, or PM_NO_PAGE. order <= 5. */
static inline uint64_t pm_quick_word(struct pm_member *member, uint64_t word, unsigned order, unsigned pages,
				     unsigned head)
{
	uint64_t now = pm_word_load(member, word), bits;
	unsigned at;

	do {
		uint64_t slots = pm_word_slots(now, order);

		if (!slots)
			return PM_NO_PAGE;
		at = (unsigned)__builtin_ctzll(slots) / 2;
		bits = pm_run_bits(pm_word_mask(at, at + pages - 1), at, head);
		pm_behind_persist(member, (word << PM_WORD_SHIFT) + at + pages);
	} while (!pm_cas64(&member->states[word], &now, now | bits));
	return PM_LIKELY(pm_word_settle(member, word, bits)) ? (word << PM_WORD_SHIFT) + at : PM_NO_PAGE;
}

/* From the lane's current word to the end of its block. */
static inline uint64_t pm_quick_small(struct pm_member *member, unsigned order, unsigned pages, uint32_t lane_number)
{
	struct pm_lane *lane = pm_lane(member, lane_number);
	_Atomic uint64_t *current = &lane->word[pm_class(order)];
	uint64_t was = atomic_load_explicit(current, memory_order_relaxed), word = was, page;

	if (was == PM_NO_WORD)
		return PM_NO_PAGE;
	if (pm_block_state(pm_block_load(member, word / PM_WORDS_PER_BLOCK)) != PM_BLOCK_SPLIT)
		return PM_NO_PAGE;
	do {
		page = pm_quick_word(member, word, order, pages, PM_PAGE_HEAD);
		if (PM_LIKELY(page != PM_NO_PAGE)) {
			if (word != was)
				atomic_store_explicit(current, word, memory_order_relaxed);
			pm_lane_count(lane, -(int64_t)pages);
			pm_words_flush(member, page, page + pages);
			pm_fence_if(member->flush);
			return page;
		}
	} while (++word % PM_WORDS_PER_BLOCK);
	return PM_NO_PAGE;
}

/* One block of the lane's current group of 64. */
static inline uint64_t pm_quick_block(struct pm_member *member, uint32_t lane_number)
{
	struct pm_index *index = member->index;
	struct pm_lane *lane = pm_lane(member, lane_number);
	uint64_t group = atomic_load_explicit(&lane->group, memory_order_relaxed), block, now;
	uint64_t bits = atomic_load_explicit(&index->free_blocks[group], memory_order_relaxed);

	if (!bits)
		return PM_NO_PAGE;
	block = group * 64 + (uint64_t)__builtin_ctzll(bits) - index->pad;
	pm_behind_persist(member, (block + 1) << PM_BLOCK_SHIFT);
	now = pm_block_load(member, block);
	if (pm_block_state(now) != PM_BLOCK_FREE || pm_block_check(now) ||
	    !pm_cas64(&member->blocks[block], &now, pm_block_become(now, PM_BLOCK_HEAD)))
		return PM_NO_PAGE;
	pm_persist_if(member->flush, (const void *)&member->blocks[block], 8);
	atomic_fetch_and(&index->free_blocks[group], ~(bits & -bits));
	pm_lane_count(lane, -(int64_t)PM_BLOCK_PAGES);
	return block << PM_BLOCK_SHIFT;
}

/* What may be had at once from this member: any place of its order, aligned by nature. */
static inline uint64_t pm_quick_take(struct pm_member *member, uint64_t pages, uint32_t align, uint32_t lane)
{
	uint32_t order = pages > 1 ? 64 - (uint32_t)__builtin_clzll(pages - 1) : 0;

	if (!PM_LIKELY(align <= member->index->base_order))
		return PM_NO_PAGE;
	order = order > align ? order : align;
	if (PM_LIKELY(order <= 5))
		return pm_quick_small(member, order, (unsigned)pages, lane);
	if (order == PM_BLOCK_SHIFT && pages == PM_BLOCK_PAGES)
		return pm_quick_block(member, lane);
	return PM_NO_PAGE;
}

#endif
