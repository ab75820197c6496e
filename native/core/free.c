/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Free an unnamed run: mostly it lies in one word. */
#include "quick.h"

/* Pages of this word became free: perhaps a larger aligned order than was known. */
static inline void raise_word(struct pm_member *member, uint64_t word, uint64_t now, unsigned at, uint64_t pages)
{
	struct pm_tree *tree = &member->index->split;
	uint64_t block = word / PM_WORDS_PER_BLOCK;
	unsigned known = pm_tree_get(tree, 0, block) & PM_TREE_VALUE, value = known;

	if (known > 5 && now)
		return;
	/* Only a group one order above what is known can be news; around one page there is one. */
	if (known <= 5 && pages == 1) {
		unsigned first = at & ~((1u << known) - 1);

		if (now & pm_word_mask(first, first + (1u << known) - 1))
			return;
	}
	while (value <= 5 && pm_word_slots(now, value))
		value++;
	if (value > 5)
		value = pm_block_value(member, block);
	if (value > known)
		pm_tree_raise(tree, block, value);
}

/* A run inside one word: `bits` are all of it. */
static enum pm_code free_in_word(struct pm_member *member, uint64_t page, uint64_t pages, uint64_t bits, uint32_t lane)
{
	uint64_t word = page >> PM_WORD_SHIFT, block = page >> PM_BLOCK_SHIFT, now = pm_word_load(member, word), check;
	unsigned at = pm_in_word(page);
	uint64_t mask = pm_word_mask(at, at + (unsigned)pages - 1);

	do
		if ((now & mask) != bits)
			return PM_E_NOT_ALLOCATED; /* another thread was faster */
	while (!pm_cas64(&member->states[word], &now, now & ~mask));
	check = pm_check_of_word(word, bits);
	check ^= pm_block_check(pm_xor64(&member->blocks[block], check));
	pm_words_flush(member, page, page + pages);
	pm_fence_if(member->flush);
	pm_lane_count(pm_lane(member, lane), (int64_t)pages);
	if (!__builtin_expect(atomic_load_explicit(&member->index->told, memory_order_relaxed), true))
		pm_index_tell(member);
	if (!check && pm_block_empty(member, block))
		pm_index_emptied(member, block);
	else
		raise_word(member, word, now & ~mask, at, pages);
	return PM_OK;
}

bool pm_run_fence(struct pm_member *member, uint64_t page)
{
	uint64_t block = page >> PM_BLOCK_SHIFT, word = page >> PM_WORD_SHIFT, now = pm_block_load(member, block);
	uint64_t turn = UINT64_C(1) << (2 * pm_in_word(page)), head = turn * PM_PAGE_HEAD;

	while (pm_block_state(now) == PM_BLOCK_HEAD && page % PM_BLOCK_PAGES == 0)
		if (pm_cas64(&member->blocks[block], &now, pm_block_become(now, PM_BLOCK_FENCED))) {
			pm_persist_if(member->flush, (const void *)&member->blocks[block], 8);
			return true;
		}
	if (pm_block_state(now) != PM_BLOCK_SPLIT)
		return false;
	now = pm_word_load(member, word);
	do
		if ((now & head) != head)
			return false;
	while (!pm_cas64(&member->states[word], &now, now ^ turn));
	pm_xor64(&member->blocks[block], pm_check_of_word(word, turn));
	pm_words_flush(member, page, page + 1);
	pm_fence_if(member->flush);
	return true;
}

bool pm_run_cut(struct pm_member *member, uint64_t page)
{
	uint64_t block = page >> PM_BLOCK_SHIFT, word = page >> PM_WORD_SHIFT, now = pm_block_load(member, block);
	unsigned shift = 2 * pm_in_word(page);
	uint64_t turn = UINT64_C(3) << shift; /* continues to bad */

	while (pm_block_state(now) == PM_BLOCK_CONTINUES && page % PM_BLOCK_PAGES == 0)
		if (pm_cas64(&member->blocks[block], &now, pm_block_become(now, PM_BLOCK_FENCED))) {
			pm_persist_if(member->flush, (const void *)&member->blocks[block], 8);
			return true;
		}
	if (pm_block_state(now) != PM_BLOCK_SPLIT && !pm_block_open(member, block))
		return false;
	now = pm_word_load(member, word);
	do
		if ((now >> shift & 3) != PM_PAGE_CONTINUES)
			return false;
	while (!pm_cas64(&member->states[word], &now, now ^ turn));
	pm_xor64(&member->blocks[block], pm_check_of_word(word, turn));
	pm_words_flush(member, page, page + 1);
	pm_fence_if(member->flush);
	return true;
}

static enum pm_code free_long(struct pm_member *member, uint64_t page, uint32_t lane, uint64_t *pages)
{
	bool split;

	if (!pm_run_fence(member, page))
		return PM_E_NOT_ALLOCATED; /* another thread was faster */
	/* What continues behind the fence is nobody else's, so only now its length is certain. A fenced block is all bad. */
	split = pm_block_state(pm_block_load(member, page >> PM_BLOCK_SHIFT)) == PM_BLOCK_SPLIT;
	*pages = pm_run_end(member, page + (split ? 1 : PM_BLOCK_PAGES)) - page;
	pm_claim_abort(&(struct pm_claim){member, page, *pages, lane});
	return PM_OK;
}

/* pm_index_gave of one block. */
static inline void gave_block(struct pm_member *member, uint64_t block)
{
	struct pm_index *index = member->index;
	uint64_t bit = index->pad + block, one = UINT64_C(1) << (bit % 64);
	uint64_t bits = atomic_fetch_or(&index->free_blocks[bit / 64], one) | one;
	unsigned known = pm_tree_get(&index->whole, 0, bit / 64);

	if (known < 7 && pm_bits_groups(bits, known))
		pm_tree_raise(&index->whole, bit / 64, pm_bits_value(bits));
}

/* A run of one block. */
static enum pm_code free_block(struct pm_member *member, uint64_t page, uint32_t lane)
{
	uint64_t block = page >> PM_BLOCK_SHIFT, now = pm_block_load(member, block);

	do
		if (pm_block_state(now) != PM_BLOCK_HEAD)
			return PM_E_NOT_ALLOCATED; /* another thread was faster */
	while (!pm_cas64(&member->blocks[block], &now, pm_block_become(now, PM_BLOCK_FREE)));
	pm_persist_if(member->flush, (const void *)&member->blocks[block], 8);
	pm_lane_count(pm_lane(member, lane), (int64_t)PM_BLOCK_PAGES);
	pm_index_tell(member);
	gave_block(member, block);
	return PM_OK;
}

static enum pm_code free_whole(struct pm_member *member, uint64_t page, unsigned state, uint32_t lane, uint64_t *pages)
{
	if (state != PM_BLOCK_HEAD || page % PM_BLOCK_PAGES)
		return PM_E_NOT_ALLOCATED;
	/* The block behind it is there: the last one is never whole. */
	if (pm_member_state(member, page + PM_BLOCK_PAGES) == PM_PAGE_CONTINUES)
		return free_long(member, page, lane, pages);
	*pages = PM_BLOCK_PAGES;
	return free_block(member, page, lane);
}

enum pm_code pm_run_free(struct pm_member *member, uint64_t page, uint32_t lane, uint64_t *pages)
{
	uint64_t word = page >> PM_WORD_SHIFT, w, after, run;
	unsigned at = pm_in_word(page), state;

	if (page < member->sb.data_first || page >= member->sb.data_end)
		return PM_E_NOT_ALLOCATED;
	state = pm_block_state(pm_block_load(member, page >> PM_BLOCK_SHIFT));
	if (!PM_LIKELY(state == PM_BLOCK_SPLIT))
		return free_whole(member, page, state, lane, pages);
	w = pm_word_load(member, word) >> (2 * at);
	if ((w & 3) != PM_PAGE_HEAD)
		return PM_E_NOT_ALLOCATED;
	after = ~pm_word_continues(w >> 2) & PM_LOW_BITS;
	run = 1 + (uint64_t)__builtin_ctzll(after) / 2;
	if (at + run == PM_PAGES_PER_WORD && pm_member_state(member, page + run) == PM_PAGE_CONTINUES)
		return free_long(member, page, lane, pages);
	*pages = run;
	return free_in_word(member, page, run, (w & pm_word_mask(0, (unsigned)run - 1)) << (2 * at), lane);
}
