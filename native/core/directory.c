/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The directory in memory: what is looked up, and what is told to others. directory_load.c fills it. */
#include "directory.h"
#include "layout.h"
#include "persist.h"
#include "records.h"
#include "runs.h"
#include <string.h>

/* A record's place among all regions, as the names' table keeps it. */
#define PLACE_BITS 40u /* 2^44 bytes of a region, in records */

static uint64_t place_in_region(const struct pm_member *member, const struct pm_record *record)
{
	return (uint64_t)((const uint8_t *)record - member->base) / sizeof(*record);
}

static struct pm_record *record_at(const struct pm_member *member, uint64_t place)
{
	return (struct pm_record *)(void *)(member->base + place * sizeof(struct pm_record));
}

enum pm_code pm_directory_make(struct pm_member *member, const struct pm_memory *memory)
{
	const struct pm_section *section = pm_section_find(&member->sb, PM_SECTION_RECORDS);
	struct pm_directory *directory = memory->take(sizeof(*directory));

	if (!directory)
		return PM_E_OUT_OF_MEMORY;
	member->directory = directory;
	directory->blocks = pm_blocks_of(member->sb.page_count);
	directory->starts = memory->take(directory->blocks * sizeof(*directory->starts));
	if (!directory->starts)
		return PM_E_OUT_OF_MEMORY;
	directory->parts[0] = (struct pm_directory_part){
		.slots = (struct pm_record *)(void *)(member->base + section->offset),
		.count = section->bytes / sizeof(struct pm_record),
	};
	directory->part_count = 1;
	return PM_OK;
}

static void give(const struct pm_memory *memory, void *array, uint64_t count, size_t size)
{
	if (array)
		memory->give(array, count * size);
}

void pm_directory_free(struct pm_member *member, const struct pm_memory *memory)
{
	struct pm_directory *directory = member->directory;

	if (!directory)
		return;
	give(memory, (void *)directory->starts, directory->blocks, sizeof(*directory->starts));
	give(memory, directory->free_slots, directory->free_capacity, sizeof(*directory->free_slots));
	give(memory, directory->listed, directory->listed_capacity, sizeof(*directory->listed));
	give(memory, directory->quarantines, directory->quarantine_capacity, sizeof(*directory->quarantines));
	pm_table_free(&directory->pages, memory);
	memory->give(directory, sizeof(*directory));
	member->directory = NULL;
}

void pm_names_free(struct pm_pool *pool)
{
	if (!pool->names)
		return;
	pm_table_free(pool->names, pool->memory);
	pool->memory->give(pool->names, sizeof(*pool->names));
	pool->names = NULL;
}

void pm_directory_part_add(struct pm_member *member, uint64_t page, uint64_t pages)
{
	struct pm_directory *directory = member->directory;
	uint32_t count = atomic_load_explicit(&directory->part_count, memory_order_relaxed);

	directory->parts[count] = (struct pm_directory_part){
		.slots = (struct pm_record *)(void *)(member->base + (page << PM_PAGE_SHIFT)),
		.first = pm_directory_slots(member),
		.count = pages * PM_RECORDS_PER_PAGE,
	};
	atomic_store_explicit(&directory->part_count, count + 1, memory_order_release);
}

struct pm_record *pm_directory_find_locked(const struct pm_member *member, uint64_t page)
{
	uint64_t cursor = 0, place = pm_table_next(&member->directory->pages, page, &cursor);

	return place == PM_TABLE_NONE ? NULL : record_at(member, place);
}

static bool same_name(const char *a, const char *b)
{
	return strncmp(a, b, PM_NAME_BYTES) == 0;
}

struct pm_record *pm_names_find_locked(const struct pm_pool *pool, const char *name, struct pm_member **member)
{
	uint64_t key = pm_table_name_key(pool->names, name), cursor = 0, value;

	while ((value = pm_table_next(pool->names, key, &cursor)) != PM_TABLE_NONE) {
		struct pm_member *of = pool->members[value >> PLACE_BITS];
		struct pm_record *record = record_at(of, value & ((UINT64_C(1) << PLACE_BITS) - 1));

		if (!same_name(record->name, name))
			continue;
		if (member)
			*member = of;
		return record;
	}
	return NULL;
}

static uint64_t name_value(const struct pm_member *member, const struct pm_record *record)
{
	return (uint64_t)member->sb.region_index << PLACE_BITS | place_in_region(member, record);
}

static void starts_add(struct pm_directory *directory, uint64_t page, uint16_t change)
{
	/* A page comes from the medium, which somebody may spoil under us. */
	if (page >> PM_BLOCK_SHIFT < directory->blocks)
		atomic_fetch_add(&directory->starts[page >> PM_BLOCK_SHIFT], change);
}

void pm_directory_expect_locked(struct pm_member *member, uint64_t page)
{
	starts_add(member->directory, page, 1);
}

void pm_directory_expected_locked(struct pm_member *member, uint64_t page)
{
	starts_add(member->directory, page, (uint16_t)-1);
}

/* First quarantine that begins behind the page. */
static uint64_t quarantine_after(const struct pm_directory *directory, uint64_t page)
{
	uint64_t low = 0, high = directory->quarantine_count;

	while (low < high) {
		uint64_t middle = (low + high) / 2;

		if (directory->quarantines[middle].page <= page)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool pm_directory_quarantined(const struct pm_member *member, uint64_t page, uint64_t *end)
{
	const struct pm_directory *directory = member->directory;
	uint64_t after = quarantine_after(directory, page), until = member->sb.page_count;

	if (after < directory->quarantine_count)
		until = directory->quarantines[after].page;
	if (after) {
		const struct pm_quarantined *before = &directory->quarantines[after - 1];

		if (page < before->page + before->pages) {
			if (end)
				*end = before->page + before->pages;
			return true;
		}
	}
	if (end)
		*end = until;
	return false;
}

static void quarantine_insert(struct pm_directory *directory, uint64_t page, uint64_t pages)
{
	uint64_t at = directory->loading ? directory->quarantine_count : quarantine_after(directory, page);

	memmove(directory->quarantines + at + 1, directory->quarantines + at,
		(size_t)(directory->quarantine_count - at) * sizeof(*directory->quarantines));
	directory->quarantines[at] = (struct pm_quarantined){page, pages};
	directory->quarantine_count++;
}

static void quarantine_drop(struct pm_directory *directory, uint64_t page)
{
	uint64_t at = quarantine_after(directory, page);

	if (!at || directory->quarantines[at - 1].page != page)
		return;
	directory->quarantine_count--;
	memmove(directory->quarantines + at - 1, directory->quarantines + at,
		(size_t)(directory->quarantine_count - at + 1) * sizeof(*directory->quarantines));
}

void pm_directory_list(struct pm_member *member, struct pm_record *record, const struct pm_record *copy)
{
	struct pm_directory *directory = member->directory;

	directory->listed[pm_directory_number(directory, record)] =
		(struct pm_listed){.id = copy->id, .page = (uint32_t)copy->page, .kind = copy->kind};
	directory->live++;
	if (copy->kind == PM_RECORD_MEMBER) {
		directory->members++;
		return;
	}
	pm_table_put(&directory->pages, copy->page, place_in_region(member, record));
	starts_add(directory, copy->page, 1);
	if (copy->kind == PM_RECORD_QUARANTINE)
		quarantine_insert(directory, copy->page, copy->pages);
}

void pm_directory_unlist(struct pm_member *member, struct pm_record *record)
{
	struct pm_directory *directory = member->directory;
	struct pm_listed *listed = &directory->listed[pm_directory_number(directory, record)];

	listed->id = 0;
	directory->live--;
	if (listed->kind == PM_RECORD_MEMBER) {
		directory->members--;
		return;
	}
	pm_table_remove(&directory->pages, listed->page, place_in_region(member, record));
	starts_add(directory, listed->page, (uint16_t)-1);
	if (listed->kind == PM_RECORD_QUARANTINE)
		quarantine_drop(directory, listed->page);
}

void pm_names_list(struct pm_pool *pool, struct pm_member *member, struct pm_record *record)
{
	struct pm_directory *directory = member->directory;
	uint64_t key = pm_table_name_key(pool->names, record->name);

	directory->listed[pm_directory_number(directory, record)].name = key;
	pm_table_put(pool->names, key, name_value(member, record));
}

void pm_names_unlist(struct pm_pool *pool, struct pm_member *member, struct pm_record *record)
{
	const struct pm_directory *directory = member->directory;

	pm_table_remove(pool->names, directory->listed[pm_directory_number(directory, record)].name,
			name_value(member, record));
}

/* Readers look at the shared word; our own look moves with it, unless we missed something before. */
static void tell(struct pm_member *member)
{
	uint64_t now = __atomic_load_n(&member->shared->records_generation, __ATOMIC_RELAXED);

	pm_store64(&member->shared->records_generation, now + 1);
	if (member->records_generation == now)
		__atomic_store_n(&member->records_generation, now + 1, __ATOMIC_RELAXED);
}

void pm_directory_add_locked(struct pm_pool *pool, struct pm_member *member, struct pm_record *record)
{
	pm_directory_list(member, record, record);
	if (record->kind == PM_RECORD_ALLOCATION)
		pm_names_list(pool, member, record);
	tell(member);
}

void pm_directory_remove_locked(struct pm_pool *pool, struct pm_member *member, struct pm_record *record)
{
	if (record->kind == PM_RECORD_ALLOCATION)
		pm_names_unlist(pool, member, record);
	pm_directory_unlist(member, record);
	tell(member);
}

void pm_directory_give_locked(struct pm_member *member, struct pm_record *slot)
{
	struct pm_directory *directory = member->directory;

	if (directory->free_count == directory->free_capacity)
		return; /* given twice: somebody wrote to slots without the lock */
	directory->free_slots[directory->free_count++] = place_in_region(member, slot);
}

struct pm_record *pm_directory_pop(struct pm_member *member)
{
	struct pm_directory *directory = member->directory;

	return directory->free_count ? record_at(member, directory->free_slots[--directory->free_count]) : NULL;
}

/* Grow an array that keeps its content. */
static bool array_reserve(const struct pm_memory *memory, void **array, uint64_t *capacity, uint64_t entries,
			  size_t size)
{
	uint64_t larger = *capacity ? *capacity : 64;
	void *fresh;

	if (entries <= *capacity)
		return true;
	while (larger < entries)
		larger *= 2;
	fresh = memory->take(larger * size);
	if (!fresh)
		return false;
	if (*array) {
		memcpy(fresh, *array, *capacity * size);
		memory->give(*array, *capacity * size);
	}
	*array = fresh;
	*capacity = larger;
	return true;
}

bool pm_directory_reserve(struct pm_member *member, const struct pm_memory *memory, uint64_t more, uint64_t more_slots)
{
	struct pm_directory *directory = member->directory;
	void *slots = directory->free_slots, *quarantines = directory->quarantines, *listed = directory->listed;
	uint64_t count = pm_directory_slots(member) + more_slots;
	bool fits = array_reserve(memory, &slots, &directory->free_capacity, count, sizeof(*directory->free_slots)) &&
		    array_reserve(memory, &listed, &directory->listed_capacity, count, sizeof(*directory->listed)) &&
		    array_reserve(memory, &quarantines, &directory->quarantine_capacity,
				  directory->quarantine_count + more, sizeof(*directory->quarantines)) &&
		    pm_table_reserve(&directory->pages, memory, directory->pages.used + more);

	directory->listed = listed;
	directory->free_slots = slots;
	directory->quarantines = quarantines;
	return fits;
}

static bool moved(const struct pm_member *member)
{
	return __atomic_load_n(&member->shared->records_generation, __ATOMIC_ACQUIRE) !=
	       __atomic_load_n(&member->records_generation, __ATOMIC_RELAXED);
}

bool pm_directory_moved(const struct pm_pool *pool)
{
	for (uint32_t i = 0; i < pool->region_count; i++)
		if (pool->members[i] && moved(pool->members[i]))
			return true;
	return false;
}

enum pm_code pm_directory_fresh_locked(const struct pm_pool *pool)
{
	struct pm_pool *own = (struct pm_pool *)(uintptr_t)pool; /* only what is volatile changes */
	enum pm_code code = PM_OK;

	for (uint32_t i = 0; i < pool->region_count && !code; i++)
		if (pool->members[i] && moved(pool->members[i]))
			code = pm_directory_refresh(own, pool->members[i]);
	return code;
}

const struct pm_record *pm_directory_at(const struct pm_pool *pool, const struct pm_member *member, uint64_t page)
{
	const struct pm_record *record;

	if (!moved(member) && !pm_directory_may_start(member, page))
		return NULL;
	pm_books_lock(pool);
	if (moved(member))
		pm_directory_fresh_locked(pool);
	record = pm_directory_find_locked(member, page);
	pm_books_unlock(pool);
	return record;
}
