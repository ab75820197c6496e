/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records that a crash left in flight: each is finished or dropped, in the order of slots. */
#include "directory.h"
#include "persist.h"
#include "records.h"
#include "recover.h"
#include "runs.h"

static void set_free(struct pm_member *member, struct pm_record *record, uint64_t slot)
{
	uint64_t part_start = 0;

	pm_record_state_set(member, record, PM_RECORD_FREE);
	for (uint32_t i = 0; i < member->directory->part_count; i++)
		if (member->directory->parts[i].first == slot)
			part_start = 1;
	if (!part_start)
		pm_directory_give_locked(member, record);
}

/* The run stands, and no live record has it: it is this record's. */
static bool owns_run(const struct pm_member *member, const struct pm_record *copy)
{
	return pm_run_is(member, copy->page, copy->pages) && !pm_directory_find_locked(member, copy->page);
}

/* Bad pages of a quarantine are left to pm_blocks_recover: no live record covers them. */
static bool pending_holds(struct pm_pool *pool, struct pm_member *member, struct pm_record *record,
			  const struct pm_record *joined)
{
	struct pm_record copy;

	pm_record_load(record, &copy);
	switch (copy.kind) {
	case PM_RECORD_ALLOCATION:
		return owns_run(member, &copy) && !pm_names_find_locked(pool, copy.name, NULL);
	case PM_RECORD_DIRECTORY:
		if (owns_run(member, &copy))
			pm_run_release(member, copy.page, copy.pages, 0);
		return false;
	default:
		return record == joined;
	}
}

static void settle_pending(struct pm_pool *pool, struct pm_member *member, struct pm_record *record, uint64_t slot,
			   const struct pm_record *joined)
{
	if (pending_holds(pool, member, record, joined)) {
		pm_record_state_set(member, record, PM_RECORD_LIVE);
		pm_directory_add_locked(pool, member, record);
		pool->recovered.records_finished++;
	} else {
		set_free(member, record, slot);
		pool->recovered.records_dropped++;
	}
}

static void settle_leaving(struct pm_pool *pool, struct pm_member *member, struct pm_record *record, uint64_t slot)
{
	struct pm_record copy;

	pm_record_load(record, &copy);
	if (copy.kind != PM_RECORD_QUARANTINE && owns_run(member, &copy))
		pm_run_release(member, copy.page, copy.pages, 0);
	set_free(member, record, slot);
	pool->recovered.records_finished++;
}

static bool is_replaced(const struct pm_member *member, const struct pm_record *record)
{
	return record->kind == PM_RECORD_ALLOCATION && pm_directory_find_locked(member, record->page) != record;
}

void pm_records_settle(struct pm_pool *pool, struct pm_member *member, const struct pm_record *joined)
{
	uint64_t slots = pm_directory_slots(member);
	/* As many as were counted and no more: somebody may spoil the slots meanwhile, and memory is for these. */
	uint64_t left = member->directory->in_flight + member->directory->replaced;

	for (uint64_t slot = 0; slot < slots && left; slot++) {
		struct pm_record *record = pm_directory_slot(member, slot);
		unsigned state = pm_record_state_load(record);

		if (state == PM_RECORD_PENDING) {
			settle_pending(pool, member, record, slot, joined);
		} else if (state == PM_RECORD_LEAVING) {
			settle_leaving(pool, member, record, slot);
		} else if (state == PM_RECORD_LIVE && is_replaced(member, record)) {
			set_free(member, record, slot);
			pool->recovered.records_finished++;
		} else {
			continue;
		}
		left--;
	}
	member->directory->in_flight = member->directory->replaced = 0;
}
