/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Slots to write to, and more of them when all are taken: a run of pages becomes the next part. */
#include "directory.h"
#include "persist.h"
#include "records.h"
#include "runs.h"

/* At least as much again as there is. When there is no such run, half of it, and so on. */
static enum pm_code part_claim(struct pm_member *member, uint32_t lane, struct pm_claim *claim)
{
	uint64_t pages = pm_directory_slots(member) / PM_RECORDS_PER_PAGE;
	enum pm_code code = PM_E_NO_SPACE;

	if (pages > PM_DIRECTORY_PART_PAGES)
		pages = PM_DIRECTORY_PART_PAGES;
	for (; pages && code == PM_E_NO_SPACE; pages /= 2)
		code = pm_claim_member(member, pages, lane, claim);
	return code;
}

static void part_write(struct pm_member *member, struct pm_claim *claim, struct pm_record *slot,
		       const struct pm_act *act)
{
	static const struct pm_record_texts none;
	uint8_t *bytes = member->base + (claim->page << PM_PAGE_SHIFT);
	struct pm_record body;

	pm_record_fill(&body, PM_RECORD_DIRECTORY, claim->page, claim->pages, &none, act);
	body.id = member->directory->next_id++;
	pm_record_pending(member, slot, &body);
	pm_claim_commit(claim);
	pm_store_zero(bytes, claim->pages << PM_PAGE_SHIFT);
	pm_persist_if(member->flush, bytes, claim->pages << PM_PAGE_SHIFT);
	pm_record_state_set(member, slot, PM_RECORD_LIVE);
}

static enum pm_code grow(struct pm_pool *pool, struct pm_member *member, uint32_t lane, const struct pm_act *act)
{
	struct pm_directory *directory = member->directory;
	struct pm_directory_part *part = &directory->parts[directory->part_count - 1];
	struct pm_claim claim;

	if (directory->part_count == PM_DIRECTORY_PARTS_MAX || directory->next_id > PM_RECORD_ID_MAX - 2)
		return PM_E_DIRECTORY_FULL;
	if (pm_record_state_load(part->slots) != PM_RECORD_FREE || part_claim(member, lane, &claim))
		return PM_E_DIRECTORY_FULL;
	if (!pm_directory_reserve(member, pool->memory, 2, claim.pages * PM_RECORDS_PER_PAGE)) {
		pm_claim_abort(&claim);
		return PM_E_OUT_OF_MEMORY;
	}
	pm_directory_expect_locked(member, claim.page);
	part_write(member, &claim, part->slots, act);
	pm_directory_part_add(member, claim.page, claim.pages);
	pm_directory_add_locked(pool, member, part->slots);
	pm_directory_expected_locked(member, claim.page);
	part = &directory->parts[directory->part_count - 1];
	for (uint64_t i = part->count; i-- > 1;)
		pm_directory_give_locked(member, part->slots + i);
	return PM_OK;
}

/* The highest id ever given stands in some slot, free or not. That slot is written to last, or a crash meanwhile
 * would make us forget the id. */
static bool is_newest(const struct pm_directory *directory, const struct pm_record *slot)
{
	return slot->id && slot->id == directory->next_id - 1;
}

static bool only_the_newest_is_free(const struct pm_member *member)
{
	const struct pm_directory *directory = member->directory;
	const uint8_t *slot;

	if (directory->free_count != 1)
		return false;
	slot = member->base + directory->free_slots[0] * sizeof(struct pm_record);
	return is_newest(directory, (const struct pm_record *)(const void *)slot);
}

enum pm_code pm_directory_take_locked(struct pm_pool *pool, struct pm_member *member, uint32_t lane,
				      const struct pm_act *act, struct pm_record **slot)
{
	struct pm_directory *directory = member->directory;
	struct pm_record *first, *second;

	if (directory->next_id > PM_RECORD_ID_MAX - 2)
		return PM_E_DIRECTORY_FULL;
	if (!pm_directory_reserve(member, pool->memory, 1, 0) ||
	    !pm_table_reserve(pool->names, pool->memory, pool->names->used + 1))
		return PM_E_OUT_OF_MEMORY;
	if (!directory->free_count || only_the_newest_is_free(member)) {
		enum pm_code code = grow(pool, member, lane, act);

		if (code && !directory->free_count)
			return code;
	}
	first = pm_directory_pop(member);
	if (is_newest(directory, first) && directory->free_count) {
		second = pm_directory_pop(member);
		pm_directory_give_locked(member, first);
		first = second;
	}
	*slot = first;
	return PM_OK;
}
