/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Room by the hints, for places of up to a block: each lane fills a block of its own for each class of orders. */
#include "quick.h"
#include "room.h"

/* Words of the block from `word` on and around. */
static bool in_words(struct pm_member *member, const struct pm_need *need, uint64_t *word, uint64_t *page)
{
	uint64_t first = *word & ~(uint64_t)(PM_WORDS_PER_BLOCK - 1);

	for (unsigned i = 0; i < PM_WORDS_PER_BLOCK; i++) {
		uint64_t at = first + (*word + i) % PM_WORDS_PER_BLOCK;

		*page = pm_quick_word(member, at, need->order, (unsigned)need->pages, need->head);
		if (*page != PM_NO_PAGE) {
			*word = at;
			pm_words_flush(member, *page, *page + need->pages);
			pm_fence_if(member->flush);
			pm_lane_count(pm_lane(member, need->lane), -(int64_t)need->pages);
			return true;
		}
	}
	return false;
}

/* Orders 6 to 8: some whole words. */
static bool in_groups(struct pm_member *member, const struct pm_need *need, uint64_t *word, uint64_t *page)
{
	uint64_t first = *word & ~(uint64_t)(PM_WORDS_PER_BLOCK - 1), words = UINT64_C(1) << (need->order - 5);

	for (uint64_t at = first; at < first + PM_WORDS_PER_BLOCK; at += words) {
		uint64_t any = 0;

		for (uint64_t i = 0; i < words; i++)
			any |= pm_word_load(member, at + i);
		*page = at << PM_WORD_SHIFT;
		if (!any && pm_claim_place(member, *page, need->pages, need->head, need->lane)) {
			*word = at;
			return true;
		}
	}
	return false;
}

static bool in_block(struct pm_member *member, const struct pm_need *need, uint64_t *word, uint64_t *page)
{
	if (pm_block_state(pm_block_load(member, *word / PM_WORDS_PER_BLOCK)) != PM_BLOCK_SPLIT)
		return false;
	return need->order <= 5 ? in_words(member, need, word, page) : in_groups(member, need, word, page);
}

/* --- another block --- */

static bool own(struct pm_member *member, uint64_t block)
{
	uint8_t was = pm_tree_get(&member->index->split, 0, block);

	return !(was & PM_TREE_OWNED) && pm_tree_change(&member->index->split, block, was, was | PM_TREE_OWNED);
}

/* Leave the current block to all. */
static void leave(struct pm_member *member, uint64_t word)
{
	uint64_t block = word / PM_WORDS_PER_BLOCK;

	if (word == PM_NO_WORD)
		return;
	pm_index_lower(member, block, true);
	if (pm_tree_get(&member->index->split, 0, block) == PM_BLOCK_EMPTY_VALUE)
		pm_index_emptied(member, block);
}

/* Split blocks of [from, to): others' only when `owned`. */
static bool in_split(struct pm_member *member, const struct pm_need *need, uint64_t from, uint64_t to, bool owned,
		     uint64_t *word, uint64_t *page)
{
	for (uint64_t block = from; block < to; block++) {
		bool mine;

		block = pm_tree_next(&member->index->split, 0, block, need->order + 1, owned);
		if (block == PM_TREE_NONE || block >= to)
			return false;
		mine = own(member, block);
		if (!mine && !owned)
			continue;
		*word = block * PM_WORDS_PER_BLOCK;
		if (in_block(member, need, word, page))
			return true;
		pm_index_lower(member, block, mine);
	}
	return false;
}

/* A block that is free as a whole, split for us. */
static bool in_fresh(struct pm_member *member, const struct pm_need *need, uint64_t *word, uint64_t *page)
{
	struct pm_lane *lane = pm_lane(member, need->lane);
	uint64_t pad = member->index->pad, start = atomic_load_explicit(&lane->group, memory_order_relaxed) * 64;
	uint64_t first = start > pad ? start - pad : 0, from = first, block;

	for (bool again = false;; from = block + 1) {
		block = pm_index_next_free(member, from);
		if (block == PM_TREE_NONE && !again && first) {
			again = true;
			block = pm_index_next_free(member, 0);
		}
		if (block == PM_TREE_NONE || (again && block >= first))
			return false;
		if (!pm_claim_split(member, block)) {
			pm_index_took_checked(member, block);
			continue;
		}
		own(member, block);
		*word = block * PM_WORDS_PER_BLOCK;
		if (in_block(member, need, word, page)) {
			atomic_store_explicit(&lane->group, (pad + block) / 64, memory_order_relaxed);
			return true;
		}
		pm_index_lower(member, block, true);
	}
}

static __attribute__((noinline)) bool elsewhere(struct pm_member *member, const struct pm_need *need, uint64_t *word,
						uint64_t *page)
{
	uint64_t start = member->block_count * (need->lane % PM_LANES) / PM_LANES;

	leave(member, *word);
	if (*word != PM_NO_WORD)
		start = *word / PM_WORDS_PER_BLOCK;
	return in_split(member, need, start, member->block_count, false, word, page) ||
	       in_split(member, need, 0, start, false, word, page) || in_fresh(member, need, word, page) ||
	       in_split(member, need, 0, member->block_count, true, word, page);
}

bool pm_small_take(struct pm_member *member, const struct pm_need *need, uint64_t *page)
{
	_Atomic uint64_t *current = &pm_lane(member, need->lane)->word[pm_class(need->order)];
	uint64_t was = atomic_load_explicit(current, memory_order_relaxed), word = was;

	if (word == PM_NO_WORD || !in_block(member, need, &word, page))
		if (!elsewhere(member, need, &word, page)) {
			atomic_store_explicit(current, PM_NO_WORD, memory_order_relaxed);
			return false;
		}
	if (word != was)
		atomic_store_explicit(current, word, memory_order_relaxed);
	return true;
}
