/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Effective states of pages, from the private copy; and what of them the superblock alone determines. */
#include "check_work.h"
#include "pages.h"
#include <string.h>

unsigned check_block_code(uint64_t word)
{
	unsigned code = (uint8_t)word;

	if ((word & PM_BLOCK_CODE_MASK) != PM_BLOCK_CODE(code) || (code & 0x0f) > PM_BLOCK_SPLIT || code & 0xe0 ||
	    code == PM_BLOCK_SPLIT)
		return CHECK_NO_STATE;
	return code;
}

uint64_t check_states(const struct pm_check_side *side, uint64_t word)
{
	uint64_t block = check_word(side, check_block_at(side, word / PM_WORDS_PER_BLOCK));

	switch (check_block_code(block) & ~(unsigned)PM_BLOCK_ZEROED) {
	case PM_BLOCK_SPLIT:
		return check_word(side, check_states_at(side, word));
	case PM_BLOCK_FREE:
		return 0;
	case PM_BLOCK_FENCED:
		return PM_LOW_BITS << 1;
	case PM_BLOCK_HEAD:
		return word % PM_WORDS_PER_BLOCK ? PM_LOW_BITS : PM_LOW_BITS | 2;
	default:
		return PM_LOW_BITS;
	}
}

unsigned check_state(const struct pm_check_side *side, uint64_t page)
{
	return check_states(side, page / PM_PAGES_PER_WORD) >> (2 * (page % PM_PAGES_PER_WORD)) & 3;
}

uint64_t check_while(const struct pm_check_side *side, uint64_t page, uint64_t to, unsigned state)
{
	while (page < to) {
		uint64_t word = page / PM_PAGES_PER_WORD, other;

		other = pm_word_used(check_states(side, word) ^ PM_LOW_BITS * state) >> (2 * pm_in_word(page));
		if (other) {
			page += (uint64_t)__builtin_ctzll(other) / 2;
			return page < to ? page : to;
		}
		page = (word + 1) * PM_PAGES_PER_WORD;
	}
	return to;
}

bool check_is_run(const struct pm_check_side *side, uint64_t page, uint64_t pages)
{
	const struct pm_superblock *sb = &side->region->sb;

	if (page < sb->data_first || page >= sb->data_end || !pages || pages > sb->data_end - page)
		return false;
	return check_state(side, page) == PM_PAGE_HEAD &&
	       check_while(side, page + 1, sb->data_end, PM_PAGE_CONTINUES) == page + pages;
}

bool check_all_fenced(const struct pm_check_side *side, uint64_t page, uint64_t pages)
{
	uint64_t end = page + pages;

	for (uint64_t block = page >> PM_BLOCK_SHIFT; block << PM_BLOCK_SHIFT < end; block++)
		if (check_block_code(check_word(side, check_block_at(side, block))) !=
		    (PM_BLOCK_SPLIT | PM_BLOCK_ZEROED))
			return false;
	return check_while(side, page, end, PM_PAGE_BAD) == end;
}
