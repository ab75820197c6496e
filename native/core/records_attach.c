/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records at attach: what has to be true of them, and what a crash leaves to do. */
#include "pages.h"
#include "records.h"
#include <string.h>

/* A crash leaves one record in flight for each process that died; more is damage, and would make attach slow. */
#define IN_FLIGHT_MAX 64u

static bool in_flight(const struct pm_record *record)
{
	uint64_t state = pm_record_state_load(record);

	return state == PM_RECORD_PENDING || state == PM_RECORD_LEAVING;
}

#define SEEN_BITS (UINT64_C(1) << 18)

/* Passes over the live records, each with a table of hashes seen; two alike are looked at closely. The seed is an
 * address, so that a hostile region cannot choose names or pages that collide. */
static bool unique(const struct pm_pool *pool, uint64_t used, uint32_t (*hash)(const struct pm_record *, uint32_t),
		   bool (*same)(const struct pm_record *, const struct pm_record *))
{
	uint8_t seen[SEEN_BITS / 8];
	uint32_t seed = (uint32_t)((uintptr_t)seen >> 4), passes = (uint32_t)(used / 4096) + 1;

	for (uint32_t pass = 0; pass < passes; pass++) {
		memset(seen, 0, sizeof(seen));
		for (uint64_t i = 0; i < used; i++) {
			const struct pm_record *record = &pool->records[i];
			uint32_t value = hash(record, seed), bit = value / passes % SEEN_BITS;

			if (pm_record_state_load(record) != PM_RECORD_LIVE || value % passes != pass)
				continue;
			for (uint64_t j = 0; seen[bit / 8] & 1u << bit % 8 && j < i; j++)
				if (pm_record_state_load(&pool->records[j]) == PM_RECORD_LIVE &&
				    same(record, &pool->records[j]))
					return false;
			seen[bit / 8] = (uint8_t)(seen[bit / 8] | 1u << bit % 8);
		}
	}
	return true;
}

static uint32_t page_hash(const struct pm_record *record, uint32_t seed)
{
	return pm_crc32c(seed, &record->page, sizeof(record->page));
}

static bool same_page(const struct pm_record *a, const struct pm_record *b)
{
	return a->page == b->page;
}

static uint32_t name_hash(const struct pm_record *record, uint32_t seed)
{
	return pm_crc32c(seed, record->name, PM_NAME_BYTES);
}

static bool same_name(const struct pm_record *a, const struct pm_record *b)
{
	return memcmp(a->name, b->name, PM_NAME_BYTES) == 0;
}

static bool unused_rest_is_free(const struct pm_pool *pool, uint64_t used)
{
	for (uint64_t i = used; i < pool->record_slots; i++)
		if (pm_record_state_load(&pool->records[i]) != PM_RECORD_FREE || pool->records[i].id)
			return false;
	return true;
}

bool pm_records_consistent(const struct pm_pool *pool)
{
	uint64_t used = pm_records_used(pool), live_pages = 0, flying = 0;
	uint64_t data_pages = pool->sb.data_end - pool->sb.data_first;

	for (uint64_t i = 0; i < used; i++) {
		const struct pm_record *record = &pool->records[i];
		uint64_t state = pm_record_state_load(record);

		if (state == PM_RECORD_FREE)
			continue;
		if (state > PM_RECORD_LEAVING || !pm_record_sane(pool, record))
			return false;
		if (in_flight(record)) {
			if (++flying > IN_FLIGHT_MAX)
				return false;
			continue;
		}
		/* Runs do not overlap, so the sum bounds the work before any of it is done. */
		live_pages += record->pages;
		if (live_pages > data_pages || !pm_pages_is_run(pool, record->page, record->pages))
			return false;
	}
	return unused_rest_is_free(pool, used) && unique(pool, used, page_hash, same_page) &&
	       unique(pool, used, name_hash, same_name);
}

static bool name_is_live(const struct pm_pool *pool, const struct pm_record *record)
{
	return pm_record_find(pool, record->name) != NULL;
}

/* PENDING: the head decides. A run that another record or name owns by now is not this record's. */
static void finish_pending(struct pm_pool *pool, struct pm_record *record, bool is_run)
{
	if (is_run && !pm_record_at(pool, record->page) && !name_is_live(pool, record)) {
		pm_record_state_set(record, PM_RECORD_LIVE);
		pool->recovered.records_finished++;
	} else {
		pm_record_state_set(record, PM_RECORD_FREE);
		pool->recovered.records_dropped++;
	}
}

static void finish_leaving(struct pm_pool *pool, struct pm_record *record, bool is_run)
{
	if (is_run && !pm_record_at(pool, record->page))
		pm_pages_release(pool, record->page, record->pages);
	pm_record_state_set(record, PM_RECORD_FREE);
	pool->recovered.records_finished++;
}

void pm_records_recover(struct pm_pool *pool)
{
	uint64_t used = pm_records_used(pool);

	for (uint64_t i = 0; i < used; i++) {
		struct pm_record *record = &pool->records[i];
		bool is_run;

		if (!in_flight(record))
			continue;
		is_run = pm_pages_is_run(pool, record->page, record->pages);
		if (pm_record_state_load(record) == PM_RECORD_PENDING)
			finish_pending(pool, record, is_run);
		else
			finish_leaving(pool, record, is_run);
	}
}
