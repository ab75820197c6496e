/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "records.h"
#include "pages.h"
#include "persist.h"
#include "text.h"
#include <string.h>

#define CHECKED_FROM offsetof(struct pm_record, pad)
#define ID_MAX (UINT64_C(1) << 62) /* above: damage, not a count of allocations */

static uint32_t record_crc(const struct pm_record *record)
{
	return pm_crc32c(0, (const uint8_t *)record + CHECKED_FROM, sizeof(*record) - CHECKED_FROM);
}

uint64_t pm_record_state_load(const struct pm_record *record)
{
	return __atomic_load_n(&record->state, __ATOMIC_ACQUIRE);
}

static bool never_used(const struct pm_record *record)
{
	return pm_record_state_load(record) == PM_RECORD_FREE && !record->id;
}

uint64_t pm_records_used(const struct pm_pool *pool)
{
	uint64_t slot = 0;

	while (slot < pool->record_slots && !never_used(&pool->records[slot]))
		slot++;
	return slot;
}

bool pm_record_sane(const struct pm_pool *pool, const struct pm_record *record)
{
	if (record->crc != record_crc(record) || !record->id || record->id > ID_MAX)
		return false;
	if (record->page < pool->sb.data_first || record->page >= pool->sb.data_end)
		return false;
	if (!record->pages || record->pages > pool->sb.data_end - record->page)
		return false;
	return pm_text_field_valid(record->name, PM_NAME_BYTES) && pm_name_valid(record->name) &&
	       pm_text_field_valid(record->owner, PM_OWNER_BYTES) &&
	       pm_text_field_valid(record->purpose, PM_PURPOSE_BYTES);
}

const struct pm_record *pm_record_at(const struct pm_pool *pool, uint64_t page)
{
	for (uint64_t i = 0; i < pool->record_slots && !never_used(&pool->records[i]); i++)
		if (pool->records[i].page == page && pm_record_state_load(&pool->records[i]) == PM_RECORD_LIVE)
			return &pool->records[i];
	return NULL;
}

const struct pm_record *pm_record_find(const struct pm_pool *pool, const char *name)
{
	for (uint64_t i = 0; i < pool->record_slots && !never_used(&pool->records[i]); i++)
		if (pm_record_state_load(&pool->records[i]) == PM_RECORD_LIVE &&
		    strncmp(pool->records[i].name, name, PM_NAME_BYTES) == 0)
			return &pool->records[i];
	return NULL;
}

/*
 * One pass for all that a new record needs, read afresh because other processes name allocations too.
 * The highest id ever given stands in some slot, free or not; a slot that is not that one is preferred, so that a
 * crash while the slot is rewritten does not forget it.
 */
void pm_records_scan(const struct pm_pool *pool, const char *name, struct pm_record_scan *scan)
{
	uint64_t highest = 0, i;
	struct pm_record *newest = NULL, *first_free = NULL, *second_free = NULL;

	memset(scan, 0, sizeof(*scan));
	for (i = 0; i < pool->record_slots && !never_used(&pool->records[i]); i++) {
		struct pm_record *record = &pool->records[i];
		bool is_free = pm_record_state_load(record) == PM_RECORD_FREE;

		if (!is_free && strncmp(record->name, name, PM_NAME_BYTES) == 0)
			scan->name_taken = true;
		if (is_free && !first_free)
			first_free = record;
		else if (is_free && !second_free)
			second_free = record;
		if (record->id > highest && record->id <= ID_MAX && record->crc == record_crc(record)) {
			highest = record->id;
			newest = record;
		}
	}
	scan->next_id = (highest > pool->record_next_id - 1 ? highest : pool->record_next_id - 1) + 1;
	scan->slot = first_free;
	if (!first_free || first_free == newest) {
		struct pm_record *unused = i < pool->record_slots ? &pool->records[i] : NULL;

		scan->slot = second_free ? second_free : unused ? unused : first_free;
	}
}

void pm_record_state_set(struct pm_record *record, enum pm_record_state state)
{
	pm_store64(&record->state, state);
	pm_persist(record, 8);
}

void pm_record_prepare(struct pm_record *slot, uint64_t id, const struct pm_alloc_request *request,
		       const struct pm_act *act, uint64_t page)
{
	struct pm_record body = {.id = id, .page = page, .pages = request->pages, .created_ns = act->time_ns};

	memcpy(body.boot_id, act->boot_id, sizeof(body.boot_id));
	pm_text_put(body.name, sizeof(body.name), request->name);
	pm_text_put(body.owner, sizeof(body.owner), request->owner);
	pm_text_put(body.purpose, sizeof(body.purpose), request->purpose);
	body.crc = record_crc(&body);
	pm_store_bytes((uint8_t *)slot + 8, (const uint8_t *)&body + 8, sizeof(body) - 8);
	pm_persist(slot, sizeof(*slot));
	pm_record_state_set(slot, PM_RECORD_PENDING);
}
