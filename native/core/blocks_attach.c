/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All blocks of a region at once: made at format, held against themselves at attach, taken back after a crash. */
#include "layout.h"
#include "pages.h"
#include "runs.h"

/* --- what metadata reads as --- */

static uint64_t block_count(const struct pm_superblock *sb)
{
	return (sb->page_count + PM_BLOCK_PAGES - 1) >> PM_BLOCK_SHIFT;
}

/* Both metadata (or no page at all) and data. */
static bool block_mixed(const struct pm_superblock *sb, uint64_t block)
{
	uint64_t first = block << PM_BLOCK_SHIFT, end = first + PM_BLOCK_PAGES;

	return end > sb->data_end || (first < sb->data_first && end > sb->data_first);
}

static uint64_t block_word(const struct pm_superblock *sb, uint64_t block)
{
	if (block << PM_BLOCK_SHIFT >= sb->data_first)
		return PM_BLOCK_WORD(PM_BLOCK_FREE);
	return PM_BLOCK_WORD(block ? PM_BLOCK_CONTINUES : PM_BLOCK_HEAD);
}

static enum pm_page_state metadata_state(const struct pm_superblock *sb, uint64_t page)
{
	if (page >= sb->page_count)
		return PM_PAGE_BAD;
	if (page == 0 || page == sb->data_end)
		return PM_PAGE_HEAD;
	return page < sb->data_first ? PM_PAGE_CONTINUES : PM_PAGE_FREE;
}

/* What a page word holds for metadata; *mask (may be NULL): both bits of those pages. */
static uint64_t metadata_word(const struct pm_superblock *sb, uint64_t word, uint64_t *mask)
{
	uint64_t bits = 0, not_data = 0;

	for (unsigned i = 0; i < PM_PAGES_PER_WORD; i++) {
		uint64_t page = word * PM_PAGES_PER_WORD + i;

		bits |= (uint64_t)metadata_state(sb, page) << (2 * i);
		if (page < sb->data_first || page >= sb->data_end)
			not_data |= UINT64_C(3) << (2 * i);
	}
	if (mask)
		*mask = not_data;
	return bits;
}

/* --- format --- */

static uint64_t *section(uint8_t *base, const struct pm_superblock *sb, enum pm_section_type type, size_t *bytes)
{
	const struct pm_section *found = pm_section_find(sb, type);

	*bytes = (size_t)found->bytes;
	return (uint64_t *)(void *)(base + found->offset);
}

static void format_mixed(uint64_t *states, const struct pm_superblock *sb, uint64_t block, uint64_t *check)
{
	uint64_t first = block * PM_WORDS_PER_BLOCK;

	*check = 0;
	for (uint64_t word = first; word < first + PM_WORDS_PER_BLOCK; word++) {
		uint64_t bits = metadata_word(sb, word, NULL);

		pm_store64(states + word, bits);
		*check ^= pm_check_of_word(word, bits);
	}
}

void pm_blocks_format(uint8_t *base, const struct pm_superblock *sb, bool flush)
{
	size_t bytes, states_bytes;
	uint64_t *blocks = section(base, sb, PM_SECTION_BLOCKS, &bytes), count = block_count(sb), check;
	uint64_t *states = section(base, sb, PM_SECTION_PAGE_STATES, &states_bytes);

	for (uint64_t block = 0; block < bytes / 8; block++) {
		if (block < count && block_mixed(sb, block)) {
			format_mixed(states, sb, block, &check);
			pm_flush_if(flush, states + block * PM_WORDS_PER_BLOCK, PM_WORDS_PER_BLOCK * 8);
			pm_store64(blocks + block, PM_BLOCK_WORD(PM_BLOCK_SPLIT | PM_BLOCK_ZEROED) | check);
		} else {
			pm_store64(blocks + block, block < count ? block_word(sb, block) : 0);
		}
	}
	pm_flush_if(flush, blocks, bytes);
}

/* --- attach --- */

static bool mixed_holds(const struct pm_member *member, uint64_t block)
{
	uint64_t first = block * PM_WORDS_PER_BLOCK;

	if (pm_block_state(pm_block_load(member, block)) != PM_BLOCK_SPLIT)
		return false;
	for (uint64_t word = first; word < first + PM_WORDS_PER_BLOCK; word++) {
		uint64_t mask, bits = metadata_word(&member->sb, word, &mask);

		if ((pm_word_load(member, word) & mask) != (bits & mask))
			return false;
	}
	return true;
}

static bool metadata_holds(const struct pm_member *member)
{
	uint64_t words = pm_section_find(&member->sb, PM_SECTION_BLOCKS)->bytes / 8, before;

	for (before = 0; (before + 1) << PM_BLOCK_SHIFT <= member->sb.data_first; before++)
		if (pm_block_load(member, before) != block_word(&member->sb, before))
			return false;
	if (block_mixed(&member->sb, before) && !mixed_holds(member, before))
		return false;
	if (!mixed_holds(member, member->block_count - 1))
		return false;
	for (uint64_t block = member->block_count; block < words; block++)
		if (pm_block_load(member, block))
			return false;
	return true;
}

/* Pages of a whole block continue those before it. */
static bool has_head(const struct pm_member *member, uint64_t block)
{
	uint64_t first = block << PM_BLOCK_SHIFT;

	return first <= member->sb.data_first ? first < member->sb.data_first
					      : pm_member_state(member, first - 1) & PM_PAGE_CONTINUES;
}

static bool settled(const struct pm_member *member, uint64_t block, uint64_t word)
{
	if (pm_block_state(word) == PM_BLOCK_SPLIT)
		return pm_check_of_block(member, block) == pm_block_check(word);
	if (pm_block_state(word) == PM_BLOCK_FENCED || pm_block_check(word))
		return false;
	if (pm_block_state(word) == PM_BLOCK_CONTINUES && !has_head(member, block))
		return false;
	return !(word & PM_BLOCK_WORD(PM_BLOCK_ZEROED)) || pm_block_empty(member, block);
}

bool pm_blocks_consistent(const struct pm_member *member, bool busy)
{
	if (!metadata_holds(member))
		return false;
	for (uint64_t block = 0; block < member->block_count; block++) {
		uint64_t word = pm_block_load(member, block);

		if (!word) /* free and never split, as most are */
			continue;
		if (!pm_block_known(word) || (!busy && !settled(member, block, word)))
			return false;
	}
	return true;
}

/* --- what a crash left --- */

struct recovery {
	struct pm_pool *pool;
	struct pm_member *member;
	bool (*quarantined)(void *context, uint64_t page);
	void *context;
	uint64_t carry; /* 1: the page before is part of a run, so that a continuing page has its head */
};

static void count_pages(struct recovery *r, uint64_t pages, bool starts)
{
	r->pool->recovered.pages_taken_back += pages;
	r->pool->recovered.runs_taken_back += starts;
}

/* Both bits of the data pages in this word that are nobody's. */
static uint64_t nobodys(struct recovery *r, uint64_t word, uint64_t w)
{
	uint64_t not_data, gone = 0;

	metadata_word(&r->member->sb, word, &not_data);
	for (unsigned i = 0; i < PM_PAGES_PER_WORD; i++) {
		unsigned state = (unsigned)(w >> (2 * i)) & 3;
		bool data = !(not_data >> (2 * i) & 1), take;

		take = data && ((state == PM_PAGE_CONTINUES && !r->carry) ||
				(state == PM_PAGE_BAD && !r->quarantined(r->context, word * PM_PAGES_PER_WORD + i)));
		if (take) {
			gone |= UINT64_C(3) << (2 * i);
			count_pages(r, 1, state == PM_PAGE_BAD);
		}
		r->carry = data && !take && (state & 1);
	}
	return gone;
}

static bool word_plain(const struct recovery *r, uint64_t word, uint64_t w)
{
	uint64_t low = w & PM_LOW_BITS, page = word * PM_PAGES_PER_WORD;

	if (page < r->member->sb.data_first || page + PM_PAGES_PER_WORD > r->member->sb.data_end)
		return false;
	return !pm_word_bad(w) && !(pm_word_continues(w) & ~(low << 2 | r->carry));
}

static void recover_split(struct recovery *r, uint64_t block)
{
	struct pm_member *member = r->member;
	uint64_t first = block * PM_WORDS_PER_BLOCK, old = pm_block_load(member, block), check;

	check = pm_check_of_block(member, block);
	r->pool->recovered.checks_renewed += check != pm_block_check(old);
	for (uint64_t word = first; word < first + PM_WORDS_PER_BLOCK; word++) {
		uint64_t w = pm_word_load(member, word), gone;

		if (word_plain(r, word, w)) {
			r->carry = (w & PM_LOW_BITS) >> 62;
			continue;
		}
		gone = nobodys(r, word, w);
		if (gone & w) {
			pm_put64(&member->states[word], w & ~gone);
			pm_flush_if(member->flush, (const void *)&member->states[word], 8);
			check ^= pm_check_of_word(word, w & gone);
		}
	}
	if (check != pm_block_check(old)) {
		pm_put64(&member->blocks[block], (old & PM_BLOCK_CODE_MASK) | check);
		pm_flush_if(member->flush, (const void *)&member->blocks[block], 8);
	}
}

/* Page words that a thread was about to undo, or whose going did not arrive. */
static bool wipe(struct pm_member *member, uint64_t block)
{
	uint64_t *words = (uint64_t *)(uintptr_t)&member->states[block * PM_WORDS_PER_BLOCK];

	if (pm_block_empty(member, block))
		return false;
	pm_store_zero(words, PM_WORDS_PER_BLOCK * 8);
	pm_flush_if(member->flush, words, PM_WORDS_PER_BLOCK * 8);
	return true;
}

/* A block that is not split: its word as it should be. */
static uint64_t recover_whole(struct recovery *r, uint64_t block, uint64_t word)
{
	uint64_t flag = word & PM_BLOCK_WORD(PM_BLOCK_ZEROED);
	unsigned state = pm_block_state(word);
	bool data = block << PM_BLOCK_SHIFT >= r->member->sb.data_first;

	if (state == PM_BLOCK_FENCED && flag && !pm_block_empty(r->member, block))
		return PM_BLOCK_WORD(PM_BLOCK_SPLIT | PM_BLOCK_ZEROED);
	if ((flag && wipe(r->member, block)) || pm_block_check(word))
		r->pool->recovered.checks_renewed++;
	if (state == PM_BLOCK_FENCED) {
		r->pool->recovered.blocks_taken_back++;
		state = PM_BLOCK_FREE;
	}
	if (data && state == PM_BLOCK_CONTINUES && !r->carry) {
		count_pages(r, PM_BLOCK_PAGES, false);
		state = PM_BLOCK_FREE;
	}
	return PM_BLOCK_WORD(state) | flag;
}

static void recover_block(struct recovery *r, uint64_t block)
{
	uint64_t old = pm_block_load(r->member, block), word = old;

	if (pm_block_state(old) != PM_BLOCK_SPLIT)
		word = recover_whole(r, block, old);
	if (word != old) {
		/* The pages that it gives back stand before the word does. */
		pm_fence_if(r->member->flush);
		pm_put64(&r->member->blocks[block], word);
		pm_flush_if(r->member->flush, (const void *)&r->member->blocks[block], 8);
	}
	if (pm_block_state(word) == PM_BLOCK_SPLIT)
		recover_split(r, block);
	else
		r->carry = word & 1 && block << PM_BLOCK_SHIFT >= r->member->sb.data_first;
}

void pm_blocks_recover(struct pm_pool *pool, struct pm_member *member,
		       bool (*quarantined)(void *context, uint64_t page), void *context)
{
	struct recovery r = {.pool = pool, .member = member, .quarantined = quarantined, .context = context};

	for (uint64_t block = 0; block < member->block_count; block++)
		if (pm_block_load(member, block))
			recover_block(&r, block);
		else
			r.carry = 0;
	pm_fence_if(member->flush);
}
