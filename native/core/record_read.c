/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records for whoever looks: by name, one after the other, and how many. */
#include "directory.h"
#include "records.h"

#define REGION_SHIFT 40u /* a cursor: region index, then the number of the slot in it */
#define SLOT_MASK ((UINT64_C(1) << REGION_SHIFT) - 1)

const struct pm_record *pm_record_find(const struct pm_pool *pool, const char *name, uint64_t *page)
{
	struct pm_member *member = NULL;
	struct pm_record *record;

	pm_books_lock(pool);
	pm_directory_fresh_locked(pool);
	record = pm_names_find_locked(pool, name, &member);
	if (record && page)
		*page = pm_member_pool_page(member, record->page);
	pm_books_unlock(pool);
	return record;
}

/* Other processes may have made more parts than we know. */
static void fresh(const struct pm_pool *pool)
{
	pm_books_lock(pool);
	pm_directory_fresh_locked(pool);
	pm_books_unlock(pool);
}

static const struct pm_record *next_in(const struct pm_member *member, uint64_t *slot)
{
	uint64_t count = pm_directory_slots(member);

	for (; *slot < count; ++*slot) {
		const struct pm_record *record = pm_directory_slot(member, *slot);
		struct pm_record copy;

		if (pm_record_state_load(record) != PM_RECORD_LIVE)
			continue;
		pm_record_load(record, &copy);
		if (pm_record_sane(member, &copy)) {
			++*slot;
			return record;
		}
	}
	return NULL;
}

const struct pm_record *pm_record_next(const struct pm_pool *pool, uint64_t *cursor, uint32_t *region_index)
{
	uint64_t region = *cursor >> REGION_SHIFT, slot = *cursor & SLOT_MASK;

	if (!*cursor)
		fresh(pool);
	for (; region < pool->region_count; region++, slot = 0) {
		const struct pm_member *member = pool->members[region];
		const struct pm_record *record = member ? next_in(member, &slot) : NULL;

		if (!record)
			continue;
		*cursor = region << REGION_SHIFT | slot;
		if (region_index)
			*region_index = (uint32_t)region;
		return record;
	}
	*cursor = region << REGION_SHIFT;
	return NULL;
}

void pm_records_count(const struct pm_pool *pool, uint64_t *slots, uint64_t *live)
{
	*slots = *live = 0;
	pm_books_lock(pool);
	pm_directory_fresh_locked(pool);
	for (uint32_t i = 0; i < pool->region_count; i++)
		if (pool->members[i]) {
			*slots += pm_directory_slots(pool->members[i]);
			*live += pool->members[i]->directory->live;
		}
	pm_books_unlock(pool);
}

bool pm_directory_run(const struct pm_pool *pool, uint32_t region_index, uint32_t n, struct pm_run *run)
{
	const struct pm_member *member = region_index < pool->region_count ? pool->members[region_index] : NULL;
	const struct pm_directory_part *part;

	/* part 0 is the section of the records, which stands before the data */
	if (!member || n + 1 >= atomic_load_explicit(&member->directory->part_count, memory_order_acquire))
		return false;
	part = &member->directory->parts[n + 1];
	*run = (struct pm_run){
		.page = pm_member_pool_page(member,
					    (uint64_t)((const uint8_t *)part->slots - member->base) >> PM_PAGE_SHIFT),
		.pages = part->count / PM_RECORDS_PER_PAGE,
	};
	return true;
}
