/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A run is taken in pieces: the head's (a whole block, or the part of a run in its first word), then those behind it,
 * each inside one block. What is said in runs.h about the order of stores is all here.
 *
 * Where stores are flushed: a piece is flushed before what relies on it is stored. What was freed and not flushed yet
 * by another thread is flushed by whoever takes the pages before it (pm_behind_persist).
 */
#include "claim.h"

static bool whole_blocks(uint64_t from, uint64_t end)
{
	return from % PM_BLOCK_PAGES == 0 && end - from >= PM_BLOCK_PAGES;
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Blocks in this state belong to the caller; their checks may be touched by threads about to undo. */
static void block_set(struct pm_member *member, uint64_t block, unsigned state)
{
	uint64_t now = pm_block_load(member, block);

	while (!pm_cas64(&member->blocks[block], &now, pm_block_become(now, state)))
		;
	pm_flush_if(member->flush, (const void *)&member->blocks[block], 8);
}

static bool block_take(struct pm_member *member, uint64_t block, unsigned state)
{
	uint64_t now = pm_block_load(member, block);

	if (pm_block_state(now) != PM_BLOCK_FREE || pm_block_check(now))
		return false;
	if (!pm_cas64(&member->blocks[block], &now, pm_block_become(now, state)))
		return false;
	pm_flush_if(member->flush, (const void *)&member->blocks[block], 8);
	return true;
}

bool pm_claim_split(struct pm_member *member, uint64_t block)
{
	if (pm_block_state(pm_block_load(member, block)) == PM_BLOCK_SPLIT)
		return true;
	if (!pm_block_split(member, block))
		return false;
	if (member->index) {
		pm_index_took_checked(member, block);
		pm_tree_raise(&member->index->split, block, PM_BLOCK_EMPTY_VALUE);
	}
	return true;
}

void pm_behind_flush(const struct pm_member *member, uint64_t end)
{
	if (end % PM_PAGES_PER_WORD || end >= member->sb.page_count)
		return;
	pm_words_flush(member, end, end + 1);
	pm_fence();
}

/* --- the head's piece --- */

/* Of a run that stands: where its head's piece ends. */
static uint64_t piece_end(const struct pm_member *member, uint64_t page, uint64_t end)
{
	if (pm_block_state(pm_block_load(member, page >> PM_BLOCK_SHIFT)) != PM_BLOCK_SPLIT)
		return page + PM_BLOCK_PAGES;
	return least(end, (page & ~(uint64_t)(PM_PAGES_PER_WORD - 1)) + PM_PAGES_PER_WORD);
}

static uint64_t piece_mask(uint64_t page, uint64_t end)
{
	return pm_part_mask(page >> PM_WORD_SHIFT, page, end);
}

/* Gives where the piece ends, 0 when it is not free. A head that is all of its run is claimed as it is to be. */
static uint64_t head_take(struct pm_member *member, uint64_t page, uint64_t end, enum pm_page_state head)
{
	uint64_t block = page >> PM_BLOCK_SHIFT, word = page >> PM_WORD_SHIFT, after = page + PM_BLOCK_PAGES, mask;

	if (whole_blocks(page, end) && block_take(member, block, after == end ? head : PM_BLOCK_FENCED))
		return after;
	if (!pm_claim_split(member, block))
		return 0;
	after = least(end, (word + 1) << PM_WORD_SHIFT);
	mask = piece_mask(page, end);
	if (!pm_word_claim(member, word, mask, pm_run_bits(mask, pm_in_word(page), after == end ? head : PM_PAGE_BAD)))
		return 0;
	pm_words_flush(member, page, after);
	return after;
}

/* From one state to another, the page's or its whole block's: one store, and on the medium. */
static void turn(struct pm_member *member, uint64_t page, enum pm_page_state from, enum pm_page_state to,
		 unsigned block_to)
{
	if (pm_block_state(pm_block_load(member, page >> PM_BLOCK_SHIFT)) == PM_BLOCK_SPLIT) {
		pm_word_flip(member, page >> PM_WORD_SHIFT, (uint64_t)(from ^ to) << (2 * pm_in_word(page)));
		pm_words_flush(member, page, page + 1);
	} else {
		block_set(member, page >> PM_BLOCK_SHIFT, block_to);
	}
	pm_fence_if(member->flush);
}

/* Head or fence, with the pages of its piece, to free. */
static void head_drop(struct pm_member *member, uint64_t page, uint64_t end)
{
	if (pm_block_state(pm_block_load(member, page >> PM_BLOCK_SHIFT)) == PM_BLOCK_SPLIT) {
		pm_words_clear(member, page, end);
		pm_words_flush(member, page, end);
	} else {
		block_set(member, page >> PM_BLOCK_SHIFT, PM_BLOCK_FREE);
	}
	pm_fence_if(member->flush);
}

/* --- the pieces behind it --- */

static void behind_drop(struct pm_member *member, uint64_t from, uint64_t end)
{
	while (end > from) {
		uint64_t first = (end - 1) & ~(PM_BLOCK_PAGES - 1), block = first >> PM_BLOCK_SHIFT;

		first = first > from ? first : from;
		if (pm_block_state(pm_block_load(member, block)) == PM_BLOCK_SPLIT) {
			pm_words_clear(member, first, end);
			pm_words_flush(member, first, end);
		} else {
			block_set(member, block, PM_BLOCK_FREE);
		}
		end = first;
	}
	pm_fence_if(member->flush);
}

static bool behind_take(struct pm_member *member, uint64_t from, uint64_t end)
{
	uint64_t at = from;

	pm_fence_if(member->flush); /* the fence before what stands behind it */
	while (at < end) {
		uint64_t block = at >> PM_BLOCK_SHIFT, to = least(end, (block + 1) << PM_BLOCK_SHIFT);

		if (!whole_blocks(at, end) || !block_take(member, block, PM_BLOCK_CONTINUES)) {
			if (!pm_claim_split(member, block) || !pm_words_claim(member, at, to, PM_PAGE_CONTINUES)) {
				behind_drop(member, from, at);
				return false;
			}
			pm_words_flush(member, at, to);
		}
		at = to;
	}
	pm_behind_persist(member, end);
	pm_fence_if(member->flush);
	return true;
}

/* --- a run of several words of one split block: its check changes once --- */

static bool inside(const struct pm_member *member, uint64_t page, uint64_t end)
{
	return page >> PM_BLOCK_SHIFT == (end - 1) >> PM_BLOCK_SHIFT &&
	       page >> PM_WORD_SHIFT != (end - 1) >> PM_WORD_SHIFT &&
	       pm_block_state(pm_block_load(member, page >> PM_BLOCK_SHIFT)) == PM_BLOCK_SPLIT;
}

/* The words behind the first, ascending; adds to what the check changes by. Gives the first page not taken. */
static uint64_t inside_take(struct pm_member *member, uint64_t from, uint64_t end, uint64_t *check)
{
	uint64_t word = from >> PM_WORD_SHIFT;

	for (; word << PM_WORD_SHIFT < end; word++) {
		uint64_t mask = pm_part_mask(word, from, end), bits = mask & PM_LOW_BITS;

		if (!pm_word_set(member, word, mask, bits))
			return word << PM_WORD_SHIFT;
		*check ^= pm_check_of_word(word, bits);
	}
	return end;
}

static bool inside_claim(struct pm_member *member, uint64_t page, uint64_t end, enum pm_page_state head)
{
	_Atomic uint64_t *block = &member->blocks[page >> PM_BLOCK_SHIFT];
	uint64_t word = page >> PM_WORD_SHIFT, mask = piece_mask(page, end), check, taken;
	uint64_t turn = head == PM_PAGE_HEAD ? UINT64_C(1) << (2 * pm_in_word(page)) : 0;
	uint64_t fence = pm_run_bits(mask, pm_in_word(page), PM_PAGE_BAD);

	if (!pm_word_set(member, word, mask, fence))
		return false;
	pm_persist_if(member->flush, (const void *)&member->states[word], 8);
	check = pm_check_of_word(word, fence ^ turn);
	taken = inside_take(member, (word + 1) << PM_WORD_SHIFT, end, &check);
	if (taken < end || pm_block_state(pm_xor64(block, check)) != PM_BLOCK_SPLIT) {
		pm_words_wipe(member, page, taken);
		if (taken == end)
			pm_xor64(block, check);
		pm_words_flush(member, page, end);
		return false;
	}
	pm_behind_persist(member, end);
	pm_words_flush(member, page, end);
	pm_fence_if(member->flush);
	if (turn) {
		pm_word_turn(member, word, turn);
		pm_persist_if(member->flush, (const void *)&member->states[word], 8);
	}
	return true;
}

static void inside_drop(struct pm_member *member, uint64_t page, uint64_t end)
{
	uint64_t word = page >> PM_WORD_SHIFT, turn = UINT64_C(1) << (2 * pm_in_word(page));
	uint64_t check = pm_check_of_word(word, turn), after = (word + 1) << PM_WORD_SHIFT;

	pm_word_turn(member, word, turn); /* from here on it is free */
	pm_persist_if(member->flush, (const void *)&member->states[word], 8);
	check ^= pm_words_wipe(member, after, end);
	pm_words_flush(member, after, end);
	pm_fence_if(member->flush);
	check ^= pm_words_wipe(member, page, after);
	pm_xor64(&member->blocks[page >> PM_BLOCK_SHIFT], check);
	pm_words_flush(member, page, after);
	pm_fence_if(member->flush);
}

/* --- hints --- */

static void hints_took(struct pm_member *member, uint64_t page, uint64_t pages, uint32_t lane)
{
	uint64_t first = (page + PM_BLOCK_PAGES - 1) >> PM_BLOCK_SHIFT, end = (page + pages) >> PM_BLOCK_SHIFT;

	if (!member->index)
		return;
	pm_lane_count(pm_lane(member, lane), -(int64_t)pages);
	if (end > first)
		pm_index_took(member, first, end - first);
}

/* The room that is in the blocks of [from, to). Also after what was claimed for a moment only: who came by meanwhile
 * took it for lasting and lowered the hints. */
static void hints_room(struct pm_member *member, uint64_t from, uint64_t to)
{
	uint64_t block = from >> PM_BLOCK_SHIFT, last = (to - 1) >> PM_BLOCK_SHIFT, free = 0;

	if (!member->index)
		return;
	for (; block <= last; block++) {
		if (pm_block_state(pm_block_load(member, block)) == PM_BLOCK_FREE) {
			free++;
			continue;
		}
		if (free)
			pm_index_gave(member, block - free, free);
		free = 0;
		pm_index_room(member, block);
	}
	if (free)
		pm_index_gave(member, block - free, free);
}

void pm_hints_gave(struct pm_member *member, uint64_t page, uint64_t pages, uint32_t lane)
{
	if (!member->index)
		return;
	pm_lane_count(pm_lane(member, lane), (int64_t)pages);
	pm_index_tell(member);
	hints_room(member, page, page + pages);
}

/* --- whole runs --- */

bool pm_claim_place(struct pm_member *member, uint64_t page, uint64_t pages, enum pm_page_state head, uint32_t lane)
{
	uint64_t end = page + pages, after;

	if (inside(member, page, end)) {
		if (!inside_claim(member, page, end, head)) {
			hints_room(member, page, end);
			return false;
		}
		hints_took(member, page, pages, lane);
		return true;
	}
	pm_behind_persist(member, end);
	after = head_take(member, page, end, head);
	if (!after) {
		hints_room(member, page, page + 1); /* it may have been split for us */
		return false;
	}
	if (after < end && !behind_take(member, after, end)) {
		head_drop(member, page, after);
		hints_room(member, page, end);
		return false;
	}
	if (after < end && head == PM_PAGE_HEAD)
		turn(member, page, PM_PAGE_BAD, PM_PAGE_HEAD, PM_BLOCK_HEAD);
	else
		pm_fence_if(member->flush);
	hints_took(member, page, pages, lane);
	return true;
}

void pm_claim_commit(struct pm_claim *claim)
{
	turn(claim->member, claim->page, PM_PAGE_BAD, PM_PAGE_HEAD, PM_BLOCK_HEAD);
}

void pm_claim_join(struct pm_claim *claim)
{
	turn(claim->member, claim->page, PM_PAGE_BAD, PM_PAGE_CONTINUES, PM_BLOCK_CONTINUES);
}

void pm_claim_abort(struct pm_claim *claim)
{
	uint64_t end = claim->page + claim->pages, after = piece_end(claim->member, claim->page, end);

	behind_drop(claim->member, after, end);
	head_drop(claim->member, claim->page, after);
	pm_hints_gave(claim->member, claim->page, claim->pages, claim->lane);
}

void pm_run_release(struct pm_member *member, uint64_t page, uint64_t pages, uint32_t lane)
{
	uint64_t end = page + pages, after = piece_end(member, page, end);

	if (inside(member, page, end)) {
		inside_drop(member, page, end);
		pm_hints_gave(member, page, pages, lane);
		return;
	}
	if (after < end) {
		turn(member, page, PM_PAGE_HEAD, PM_PAGE_BAD, PM_BLOCK_FENCED); /* from here on it is free */
		behind_drop(member, after, end);
	}
	head_drop(member, page, after);
	pm_hints_gave(member, page, pages, lane);
}

/* --- quarantine --- */

void pm_pages_unfence(struct pm_member *member, uint64_t page, uint64_t pages)
{
	uint64_t end = page + pages;

	for (uint64_t word = page >> PM_WORD_SHIFT; word << PM_WORD_SHIFT < end; word++) {
		uint64_t bad, at = word << PM_WORD_SHIFT;

		if (pm_block_state(pm_block_load(member, word / PM_WORDS_PER_BLOCK)) != PM_BLOCK_SPLIT)
			continue;
		bad = pm_word_bad(pm_word_load(member, word)) * 2 & piece_mask(at > page ? at : page, end);
		if (!bad)
			continue;
		pm_word_flip(member, word, bad);
		pm_words_flush(member, at, at + 1);
		pm_hints_gave(member, at, (uint64_t)__builtin_popcountll(bad), 0);
	}
	pm_fence_if(member->flush);
}

bool pm_pages_fence(struct pm_member *member, uint64_t page, uint64_t pages)
{
	uint64_t end = page + pages, at = page;

	while (at < end) {
		uint64_t block = at >> PM_BLOCK_SHIFT, to = least(end, (block + 1) << PM_BLOCK_SHIFT);

		if (!pm_claim_split(member, block) || !pm_words_claim(member, at, to, PM_PAGE_BAD)) {
			hints_room(member, at, to);
			if (at > page)
				pm_pages_unfence(member, page, at - page);
			return false;
		}
		pm_words_flush(member, at, to);
		if (member->index)
			pm_lane_count(pm_lane(member, 0), -(int64_t)(to - at));
		at = to;
	}
	pm_fence_if(member->flush);
	return true;
}
