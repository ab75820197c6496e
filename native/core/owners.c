/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pages of a region that nobody was changing: a bad one is in quarantine, a continuing one has its head, or a record in
 * flight speaks of it. Anything else is bad memory or an allocation whose owner was lost, and is not to be taken back
 * as if a crash had left it.
 */
#include "directory.h"
#include "layout.h"
#include "pages.h"
#include "records.h"
#include "recover.h"

#define IN_FLIGHT_MAX 64u /* what a directory that loaded has at most */

struct owners {
	const struct pm_member *member;
	struct pm_quarantined in_flight[IN_FLIGHT_MAX];
	uint64_t count;
	uint64_t carry; /* 1: the page before is part of a run that has its head */
};

static void find_in_flight(struct owners *owners)
{
	const struct pm_member *member = owners->member;
	uint64_t slots = member->directory->in_flight ? pm_directory_slots(member) : 0;

	for (uint64_t slot = 0; slot < slots && owners->count < IN_FLIGHT_MAX; slot++) {
		struct pm_record copy;
		unsigned state;

		pm_record_load(pm_directory_slot(member, slot), &copy);
		state = pm_record_state_load(&copy);
		if ((state == PM_RECORD_PENDING || state == PM_RECORD_LEAVING) && copy.kind != PM_RECORD_MEMBER)
			owners->in_flight[owners->count++] = (struct pm_quarantined){copy.page, copy.pages};
	}
}

static bool page_in_flight(const struct owners *owners, uint64_t page)
{
	for (uint64_t i = 0; i < owners->count; i++)
		if (page >= owners->in_flight[i].page && page - owners->in_flight[i].page < owners->in_flight[i].pages)
			return true;
	return false;
}

static bool page_holds(struct owners *owners, uint64_t page, unsigned state)
{
	const struct pm_superblock *sb = &owners->member->sb;
	bool data = page >= sb->data_first && page < sb->data_end;
	bool lost = false;

	if (data && state == PM_PAGE_BAD)
		lost = !pm_directory_quarantined(owners->member, page, NULL);
	else if (data && state == PM_PAGE_CONTINUES)
		lost = !owners->carry;
	owners->carry = data && (state == PM_PAGE_HEAD || (state == PM_PAGE_CONTINUES && owners->carry));
	return !lost || page_in_flight(owners, page);
}

static bool split_holds(struct owners *owners, uint64_t block)
{
	const struct pm_superblock *sb = &owners->member->sb;
	uint64_t first = block * PM_WORDS_PER_BLOCK;

	for (uint64_t word = first; word < first + PM_WORDS_PER_BLOCK; word++) {
		uint64_t w = pm_word_load(owners->member, word), low = w & PM_LOW_BITS;
		uint64_t page = word * PM_PAGES_PER_WORD;

		if (page >= sb->data_first && page + PM_PAGES_PER_WORD <= sb->data_end && !pm_word_bad(w) &&
		    !(pm_word_continues(w) & ~(low << 2 | owners->carry))) {
			owners->carry = low >> 62;
			continue;
		}
		for (unsigned i = 0; i < PM_PAGES_PER_WORD; i++)
			if (!page_holds(owners, page + i, (unsigned)(w >> (2 * i)) & 3))
				return false;
	}
	return true;
}

static bool whole_holds(struct owners *owners, uint64_t block, unsigned state)
{
	uint64_t first = block << PM_BLOCK_SHIFT;
	bool carry = owners->carry;

	owners->carry = first >= owners->member->sb.data_first &&
			(state == PM_BLOCK_HEAD || (state == PM_BLOCK_CONTINUES && carry));
	if (first < owners->member->sb.data_first || state != PM_BLOCK_CONTINUES || carry)
		return true;
	return page_in_flight(owners, first) && page_in_flight(owners, first + PM_BLOCK_PAGES - 1);
}

bool pm_pages_owned(const struct pm_member *member)
{
	struct owners owners = {.member = member};

	find_in_flight(&owners);
	for (uint64_t block = 0; block < member->block_count; block++) {
		unsigned state = pm_block_state(pm_block_load(member, block));

		if (state == PM_BLOCK_SPLIT ? !split_holds(&owners, block) : !whole_holds(&owners, block, state))
			return false;
	}
	return true;
}
