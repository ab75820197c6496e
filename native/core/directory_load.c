/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Read the slots of a region into its directory. Everything on the medium is hostile: the chain of parts ends, no run
 * of pages is walked before the sum of all is known to fit the region, and a slot is judged by a copy of it.
 */
#include "blocks.h"
#include "directory.h"
#include "persist.h"
#include "records.h"
#include "runs.h"
#include <string.h>

/* A crash leaves one record in flight for each process that died; more is damage, and would make attach slow. */
#define IN_FLIGHT_MAX 64u

struct load {
	struct pm_pool *pool;
	struct pm_member *member;
	struct pm_directory *directory;
	bool strict;
	uint64_t pages; /* of live records so far */
	uint64_t highest; /* id */
};

static bool run_stands(const struct pm_member *member, const struct pm_record *record)
{
	return pm_run_is(member, record->page, record->pages);
}

/* All of them bad by their own states, not by their block's. */
static bool all_fenced(const struct pm_member *member, uint64_t page, uint64_t pages)
{
	uint64_t end = page + pages;

	while (page < end) {
		uint64_t word = page / PM_PAGES_PER_WORD, bits = pm_member_word(member, word);
		uint64_t until = (word + 1) * PM_PAGES_PER_WORD;

		if (pm_block_state(pm_block_load(member, page >> PM_BLOCK_SHIFT)) != PM_BLOCK_SPLIT)
			return false;
		for (until = until < end ? until : end; page < until; page++)
			if ((bits >> (2 * (page % PM_PAGES_PER_WORD)) & 3) != PM_PAGE_BAD)
				return false;
	}
	return true;
}

static bool pages_agree(const struct pm_member *member, const struct pm_record *record)
{
	if (record->kind == PM_RECORD_QUARANTINE)
		return all_fenced(member, record->page, record->pages);
	return run_stands(member, record);
}

/* --- the chain of parts --- */

static bool part_seen(const struct load *load, uint64_t page)
{
	const uint8_t *at = load->member->base + (page << PM_PAGE_SHIFT);

	for (uint32_t i = 0; i < load->directory->part_count; i++)
		if ((const uint8_t *)load->directory->parts[i].slots == at)
			return true;
	return false;
}

/* True when the chain goes on. */
static bool part_next(struct load *load, enum pm_code *code)
{
	struct pm_record copy;
	uint32_t count = load->directory->part_count;

	pm_record_load(load->directory->parts[count - 1].slots, &copy);
	if (pm_record_state_load(&copy) != PM_RECORD_LIVE)
		return false;
	if (count < PM_DIRECTORY_PARTS_MAX && copy.kind == PM_RECORD_DIRECTORY && pm_record_sane(load->member, &copy) &&
	    copy.pages <= PM_DIRECTORY_PART_PAGES && !part_seen(load, copy.page) && run_stands(load->member, &copy)) {
		pm_directory_part_add(load->member, copy.page, copy.pages);
		return true;
	}
	*code = PM_E_POOL_CORRUPT;
	return false;
}

/* --- slots --- */

/* Two live records of one page: a change, or damage. */
static bool one_replaces(struct load *load, struct pm_record *other, struct pm_record *record,
			 const struct pm_record *copy)
{
	if (other->kind != PM_RECORD_ALLOCATION || copy->kind != PM_RECORD_ALLOCATION || other->pages != copy->pages)
		return false;
	if (copy->replaces == other->id) {
		pm_directory_unlist(load->member, other);
		pm_directory_list(load->member, record, copy);
	} else if (other->replaces != copy->id) {
		return false;
	}
	load->directory->replaced++;
	return true;
}

static bool live_slot(struct load *load, struct pm_record *record, const struct pm_record *copy)
{
	const struct pm_superblock *sb = &load->member->sb;
	struct pm_record *other;

	if (copy->kind == PM_RECORD_MEMBER) {
		pm_directory_list(load->member, record, copy);
		return true;
	}
	other = pm_directory_find_locked(load->member, copy->page);
	if (other)
		return one_replaces(load, other, record, copy);
	load->pages += copy->pages;
	if (load->strict && (load->pages > sb->data_end - sb->data_first || !pages_agree(load->member, copy)))
		return false;
	pm_directory_list(load->member, record, copy);
	return true;
}

/* False when the slot makes no sense. */
static bool slot_read(struct load *load, struct pm_record *record, bool first_of_part)
{
	struct pm_record copy;
	unsigned state;

	if (!__atomic_load_n(&record->state, __ATOMIC_ACQUIRE) && !__atomic_load_n(&record->id, __ATOMIC_RELAXED)) {
		if (!first_of_part)
			pm_directory_give_locked(load->member, record);
		return true;
	}
	pm_record_load(record, &copy);
	state = pm_record_state_load(&copy);
	if (copy.id > load->highest && pm_record_whole(&copy))
		load->highest = copy.id;
	if (state == PM_RECORD_FREE) {
		if (!first_of_part)
			pm_directory_give_locked(load->member, record);
		return true;
	}
	if (state == PM_RECORD_BROKEN || !pm_record_sane(load->member, &copy))
		return false;
	if ((copy.kind == PM_RECORD_DIRECTORY) != first_of_part)
		return false;
	if (state == PM_RECORD_LIVE)
		return live_slot(load, record, &copy);
	return ++load->directory->in_flight <= IN_FLIGHT_MAX &&
	       !(state == PM_RECORD_LEAVING && copy.kind == PM_RECORD_MEMBER);
}

/* From the last to the first, so that the first are taken first. */
static enum pm_code slots_read(struct load *load)
{
	for (uint32_t part = load->directory->part_count; part-- > 0;)
		for (uint64_t i = load->directory->parts[part].count; i-- > 0;) {
			if (!pm_directory_reserve(load->member, load->pool->memory, 1, 0))
				return PM_E_OUT_OF_MEMORY;
			if (!slot_read(load, load->directory->parts[part].slots + i, i == 0) && load->strict)
				return PM_E_POOL_CORRUPT;
		}
	return PM_OK;
}

static void empty(struct pm_directory *directory)
{
	for (uint64_t i = 0; directory->live && i < directory->blocks; i++)
		if (atomic_load_explicit(&directory->starts[i], memory_order_relaxed))
			atomic_store_explicit(&directory->starts[i], 0, memory_order_relaxed);
	pm_table_empty(&directory->pages);
	for (uint64_t i = 0; i < directory->listed_capacity; i++)
		directory->listed[i].id = 0;
	directory->free_count = directory->quarantine_count = 0;
	directory->live = directory->members = directory->in_flight = directory->replaced = 0;
}

static void sift(struct pm_quarantined *heap, uint64_t at, uint64_t count)
{
	for (uint64_t child; (child = 2 * at + 1) < count; at = child) {
		struct pm_quarantined swap = heap[at];

		if (child + 1 < count && heap[child + 1].page > heap[child].page)
			child++;
		if (heap[child].page <= swap.page)
			return;
		heap[at] = heap[child];
		heap[child] = swap;
	}
}

/* Heap sort: as fast for the worst order as for any. */
static void quarantines_sort(struct pm_directory *directory)
{
	struct pm_quarantined *heap = directory->quarantines;
	uint64_t count = directory->quarantine_count;

	for (uint64_t i = count / 2; i-- > 0;)
		sift(heap, i, count);
	while (count > 1) {
		struct pm_quarantined last = heap[--count];

		heap[count] = heap[0];
		heap[0] = last;
		sift(heap, 0, count);
	}
}

static bool quarantines_apart(const struct pm_directory *directory)
{
	for (uint64_t i = 1; i < directory->quarantine_count; i++)
		if (directory->quarantines[i - 1].page + directory->quarantines[i - 1].pages >
		    directory->quarantines[i].page)
			return false;
	return true;
}

enum pm_code pm_directory_load(struct pm_pool *pool, struct pm_member *member, bool strict)
{
	struct load load = {.pool = pool, .member = member, .directory = member->directory, .strict = strict};
	uint64_t generation = __atomic_load_n(&member->shared->records_generation, __ATOMIC_ACQUIRE);
	enum pm_code code = PM_OK;

	empty(load.directory);
	while (part_next(&load, &code))
		;
	if (code && strict)
		return code;
	load.directory->loading = true;
	code = slots_read(&load);
	load.directory->loading = false;
	quarantines_sort(load.directory);
	if (code)
		return code;
	if (strict && !quarantines_apart(load.directory))
		return PM_E_POOL_CORRUPT;
	if (load.highest >= load.directory->next_id)
		load.directory->next_id = load.highest + 1;
	if (!load.directory->next_id)
		load.directory->next_id = 1;
	__atomic_store_n(&member->records_generation, generation, __ATOMIC_RELAXED);
	/* What is pending may become live without asking again. */
	return pm_directory_reserve(member, pool->memory, IN_FLIGHT_MAX + 1, 0) ? PM_OK : PM_E_OUT_OF_MEMORY;
}

/* --- names of all regions --- */

static uint64_t names_at_most(const struct pm_pool *pool)
{
	uint64_t count = IN_FLIGHT_MAX * 2;

	for (uint32_t i = 0; i < pool->region_count; i++)
		if (pool->members[i])
			count += pool->members[i]->directory->pages.used;
	return count;
}

/* In the order of slots, so that the medium is read from one end to the other. */
static bool member_names(struct pm_pool *pool, struct pm_member *member, bool strict)
{
	for (uint32_t part = 0; part < member->directory->part_count; part++)
		for (uint64_t i = 0; i < member->directory->parts[part].count; i++) {
			struct pm_record *record = member->directory->parts[part].slots + i;

			if (pm_record_state_load(record) != PM_RECORD_LIVE || record->kind != PM_RECORD_ALLOCATION)
				continue;
			/* Another may have replaced it; and beside a writer it may have come since we read the slots. */
			if ((!strict || member->directory->replaced) &&
			    pm_directory_find_locked(member, record->page) != record)
				continue;
			if (!pm_names_find_locked(pool, record->name, NULL))
				pm_names_list(pool, member, record);
			else if (strict)
				return false;
		}
	return true;
}

enum pm_code pm_names_load(struct pm_pool *pool, bool strict)
{
	if (!pool->names)
		pool->names = pool->memory->take(sizeof(*pool->names));
	if (!pool->names)
		return PM_E_OUT_OF_MEMORY;
	pm_table_empty(pool->names);
	if (!pm_table_reserve(pool->names, pool->memory, names_at_most(pool)))
		return PM_E_OUT_OF_MEMORY;
	for (uint32_t i = 0; i < pool->region_count; i++)
		if (pool->members[i] && !member_names(pool, pool->members[i], strict))
			return PM_E_POOL_CORRUPT;
	return PM_OK;
}

/* --- what others changed --- */

/* The slot no longer says what was listed of it. */
static bool changed(const struct pm_directory *directory, uint64_t number, const struct pm_record *record)
{
	uint64_t id = directory->listed[number].id;

	return id &&
	       (pm_record_state_load(record) != PM_RECORD_LIVE || __atomic_load_n(&record->id, __ATOMIC_ACQUIRE) != id);
}

static void forget(struct load *load, struct pm_record *record, uint64_t number)
{
	if (load->directory->listed[number].kind == PM_RECORD_ALLOCATION)
		pm_names_unlist(load->pool, load->member, record);
	pm_directory_unlist(load->member, record);
}

/* Live and not listed: true when it is now, or need not be. */
static bool learn(struct load *load, struct pm_record *record, bool first_of_part)
{
	struct pm_record copy, *other;

	pm_record_load(record, &copy);
	if (pm_record_state_load(&copy) != PM_RECORD_LIVE || !pm_record_sane(load->member, &copy) ||
	    (copy.kind == PM_RECORD_DIRECTORY) != first_of_part)
		return true;
	if (!pm_directory_reserve(load->member, load->pool->memory, 1, 0) ||
	    !pm_table_reserve(load->pool->names, load->pool->memory, load->pool->names->used + 1))
		return false;
	other = copy.kind == PM_RECORD_MEMBER ? NULL : pm_directory_find_locked(load->member, copy.page);
	if (other && copy.replaces == other->id)
		forget(load, other, pm_directory_number(load->directory, other));
	if (!live_slot(load, record, &copy) ||
	    load->directory->listed[pm_directory_number(load->directory, record)].id != copy.id)
		return true;
	if (copy.kind == PM_RECORD_ALLOCATION)
		pm_names_list(load->pool, load->member, record);
	return true;
}

/* Gone first, or what took its page or name would seem to be there twice. Counts what is new. */
static uint64_t forget_all(struct load *load)
{
	struct pm_directory *directory = load->directory;
	uint64_t fresh = 0;

	directory->free_count = directory->in_flight = directory->replaced = 0;
	for (uint32_t part = directory->part_count; part-- > 0;)
		for (uint64_t i = directory->parts[part].count; i-- > 0;) {
			struct pm_record *record = directory->parts[part].slots + i, copy;
			uint64_t number = directory->parts[part].first + i;
			uint64_t id = __atomic_load_n(&record->id, __ATOMIC_ACQUIRE);
			unsigned state = pm_record_state_load(record);

			if (changed(directory, number, record))
				forget(load, record, number);
			if (state == PM_RECORD_FREE && i)
				pm_directory_give_locked(load->member, record);
			fresh += state == PM_RECORD_LIVE && !directory->listed[number].id;
			directory->in_flight += state == PM_RECORD_PENDING || state == PM_RECORD_LEAVING;
			if (id < directory->next_id)
				continue;
			pm_record_load(record, &copy);
			if (pm_record_whole(&copy) && copy.id >= directory->next_id)
				directory->next_id = copy.id + 1;
		}
	return fresh;
}

enum pm_code pm_directory_refresh(struct pm_pool *pool, struct pm_member *member)
{
	struct load load = {.pool = pool, .member = member, .directory = member->directory};
	uint64_t generation = __atomic_load_n(&member->shared->records_generation, __ATOMIC_ACQUIRE);
	enum pm_code code = PM_OK;
	uint64_t fresh;

	while (part_next(&load, &code))
		;
	if (!pm_directory_reserve(member, pool->memory, 1, 0))
		return PM_E_OUT_OF_MEMORY;
	fresh = forget_all(&load);
	for (uint32_t part = 0; part < load.directory->part_count && fresh; part++)
		for (uint64_t i = 0; i < load.directory->parts[part].count && fresh; i++) {
			struct pm_record *record = load.directory->parts[part].slots + i;

			if (load.directory->listed[load.directory->parts[part].first + i].id ||
			    pm_record_state_load(record) != PM_RECORD_LIVE)
				continue;
			fresh--;
			if (!learn(&load, record, i == 0))
				return PM_E_OUT_OF_MEMORY;
		}
	__atomic_store_n(&member->records_generation, generation, __ATOMIC_RELAXED);
	return PM_OK;
}
