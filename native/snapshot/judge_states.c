// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Page states as they were expected, held against those on the medium. They are read without attaching: of a pool that
 * cannot be attached it can still be told which pages are wrong.
 */
#include "core/layout.h"
#include "judge.h"
#include <string.h>

/* Part of the page states of a region, as they count. */
struct raw {
	const struct pm_judged *judged;
	uint64_t block, blocks; /* in the region */
	uint64_t words; /* to be filled; the last block may have fewer than the others */
	uint64_t *to;
};

static void fill(uint64_t *to, uint64_t words, uint64_t bits)
{
	for (uint64_t i = 0; i < words; i++)
		to[i] = bits;
}

static void block_states(uint64_t block, const uint64_t *states, uint64_t *to, uint64_t words)
{
	unsigned state = (unsigned)(block & 0x0f);

	if (block << 32 != PM_BLOCK_CODE(block & 0xff) << 32)
		state = PM_BLOCK_FENCED; /* damaged: nobody's */
	switch (state) {
	case PM_BLOCK_FREE:
		fill(to, words, 0);
		break;
	case PM_BLOCK_CONTINUES:
	case PM_BLOCK_HEAD:
		fill(to, words, UINT64_C(0x5555555555555555));
		to[0] |= state == PM_BLOCK_HEAD ? 2 : 0;
		break;
	case PM_BLOCK_SPLIT:
		memcpy(to, states, (size_t)words * sizeof(*to));
		break;
	default:
		fill(to, words, UINT64_C(0xaaaaaaaaaaaaaaaa));
	}
}

static void raw_body(void *argument)
{
	struct raw *raw = argument;
	const uint8_t *map = raw->judged->region.map;
	const struct pm_superblock *sb = raw->judged->sb;
	const uint64_t *blocks = (const uint64_t *)(const void *)(map + pm_section_find(sb, PM_SECTION_BLOCKS)->offset);
	const uint64_t *states =
		(const uint64_t *)(const void *)(map + pm_section_find(sb, PM_SECTION_PAGE_STATES)->offset);

	for (uint64_t i = 0; i < raw->blocks; i++) {
		uint64_t done = i * PM_WORDS_PER_BLOCK, left = raw->words - done, block = raw->block + i;

		block_states(blocks[block], states + block * PM_WORDS_PER_BLOCK, raw->to + done,
			     left < PM_WORDS_PER_BLOCK ? left : PM_WORDS_PER_BLOCK);
	}
}

static bool in_data(const struct pm_superblock *sb, uint64_t page)
{
	return page >= sb->first_pool_page + sb->data_first && page < sb->first_pool_page + sb->data_end;
}

/* The lower bit of the state of each page that was used meanwhile. Words begin at multiples of 32 pages. */
static uint64_t used_meanwhile(const struct pm_judge *judge, uint64_t page)
{
	uint64_t bits = judge->free.given ? judge->free.given[page / 64] >> page % 64 & UINT32_MAX : 0;

	bits = (bits | bits << 16) & UINT64_C(0x0000ffff0000ffff);
	bits = (bits | bits << 8) & UINT64_C(0x00ff00ff00ff00ff);
	bits = (bits | bits << 4) & UINT64_C(0x0f0f0f0f0f0f0f0f);
	bits = (bits | bits << 2) & UINT64_C(0x3333333333333333);
	return (bits | bits << 1) & UINT64_C(0x5555555555555555);
}

static void compare(struct pm_judge *judge, const struct pm_superblock *sb, uint64_t page, const uint64_t *expected,
		    const uint64_t *now, uint64_t words)
{
	for (uint64_t i = 0; i < words; i++, page += PM_PAGES_PER_WORD) {
		pm_judge_free_word(judge, sb, page, expected[i], now[i] | used_meanwhile(judge, page));
		if (expected[i] == now[i])
			continue;
		for (unsigned j = 0; j < PM_PAGES_PER_WORD; j++) {
			uint64_t was = expected[i] >> 2 * j & 3, is = now[i] >> 2 * j & 3;

			if (!in_data(sb, page + j) || !(was & 1) || was == is)
				continue;
			if (!judge->states_differ++)
				judge->states_first = page + j;
		}
	}
}

/* What the slice holds of this region. Slices and regions both begin at a block. */
static enum pm_code compare_region(struct pm_judge *judge, const struct pm_judged *judged, struct pm_error *err)
{
	const uint64_t *expected = (const uint64_t *)(const void *)judge->file.reader.data;
	uint64_t slice = judge->file.part_offset / sizeof(uint64_t) * PM_PAGES_PER_WORD;
	uint64_t slice_end = slice + judge->file.reader.chunk.plain / sizeof(uint64_t) * PM_PAGES_PER_WORD;
	uint64_t region = judged->sb->first_pool_page, region_end = region + judged->sb->page_count;
	uint64_t first = slice > region ? slice : region, end = slice_end < region_end ? slice_end : region_end;
	struct raw raw = {.judged = judged, .to = (uint64_t *)(void *)judge->now};
	enum pm_code code;

	if (first >= end)
		return PM_OK;
	raw.block = (first - region) / PM_BLOCK_PAGES;
	raw.blocks = (end - first + PM_BLOCK_PAGES - 1) / PM_BLOCK_PAGES;
	raw.words = (end - first + PM_PAGES_PER_WORD - 1) / PM_PAGES_PER_WORD;
	code = pm_region_guarded(raw_body, &raw, err);
	if (code == PM_E_REGION_LOST)
		fill(raw.to, raw.words, 0);
	else if (code)
		return code;
	compare(judge, judged->sb, first, expected + (first - slice) / PM_PAGES_PER_WORD, raw.to, raw.words);
	return PM_OK;
}

enum pm_code pm_judge_states(struct pm_judge *judge, struct pm_error *err)
{
	enum pm_code code = PM_OK;

	for (size_t i = 0; !code && i < judge->region_count; i++)
		if (judge->regions[i].open)
			code = compare_region(judge, &judge->regions[i], err);
	return code;
}
