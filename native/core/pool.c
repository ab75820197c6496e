/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The pool as a set of regions: where a pool page is, what goes around every change, and its name. */
#include "pool.h"
#include "directory.h"
#include "index.h"
#include "layout.h"
#include "persist.h"
#include "records.h"
#include "recover.h"
#include "superblock.h"
#include "text.h"
#include <string.h>

/* --- regions --- */

enum pm_code pm_pool_make_room(struct pm_pool *pool, uint32_t regions)
{
	struct pm_member **members = pool->memory->take(regions * sizeof(*members));
	struct pm_member_info *infos = pool->memory->take(regions * sizeof(*infos));
	uint32_t before = pool->region_count;

	if (!members || !infos) {
		if (members)
			pool->memory->give(members, regions * sizeof(*members));
		if (infos)
			pool->memory->give(infos, regions * sizeof(*infos));
		return PM_E_OUT_OF_MEMORY;
	}
	if (before) {
		memcpy(members, pool->members, before * sizeof(*members));
		memcpy(infos, pool->infos, before * sizeof(*infos));
		pool->memory->give(pool->members, before * sizeof(*members));
		pool->memory->give(pool->infos, before * sizeof(*infos));
	}
	pool->members = members;
	pool->infos = infos;
	pool->region_count = regions;
	return PM_OK;
}

static void map_sections(struct pm_member *member)
{
	const struct pm_superblock *sb = &member->sb;
	const struct pm_section *log = sb->region_index ? NULL : pm_section_find(sb, PM_SECTION_LOG);

	member->blocks = (void *)(member->base + pm_section_find(sb, PM_SECTION_BLOCKS)->offset);
	member->states = (void *)(member->base + pm_section_find(sb, PM_SECTION_PAGE_STATES)->offset);
	member->block_count = pm_blocks_of(sb->page_count);
	member->shared = (void *)(member->base + pm_section_find(sb, PM_SECTION_SHARED)->offset);
	if (!log)
		return;
	member->log = (void *)(member->base + log->offset);
	member->log_slots = log->bytes / sizeof(struct pm_log_entry);
}

enum pm_code pm_member_open(const struct pm_memory *memory, const struct pm_mapping *mapping,
			    const struct pm_superblock *sb, struct pm_member **member)
{
	enum pm_code code;

	*member = memory->take(sizeof(**member));
	if (!*member)
		return PM_E_OUT_OF_MEMORY;
	(*member)->base = mapping->base;
	(*member)->sb = *sb;
	(*member)->flush = mapping->flush;
	map_sections(*member);
	code = pm_directory_make(*member, memory);
	if (code) {
		pm_member_close(memory, *member);
		*member = NULL;
	}
	return code;
}

void pm_member_close(const struct pm_memory *memory, struct pm_member *member)
{
	if (!member)
		return;
	pm_index_free(member, memory);
	pm_directory_free(member, memory);
	memory->give(member, sizeof(*member));
}

void pm_member_info_of(struct pm_member_info *info, const struct pm_superblock *sb)
{
	*info = (struct pm_member_info){
		.index = sb->region_index,
		.code = PM_E_REGION_MISSING,
		.first_pool_page = sb->first_pool_page,
		.page_count = sb->page_count,
		.physical_base = sb->physical_base,
		.bytes = sb->region_bytes,
		.medium = sb->medium,
		.numa_node = sb->numa_node,
	};
	memcpy(info->region_uuid, sb->region_uuid, 16);
}

void pm_pool_put(struct pm_pool *pool, struct pm_member *member)
{
	struct pm_member_info *info = &pool->infos[member->sb.region_index];

	pm_member_info_of(info, &member->sb);
	info->present = true;
	info->code = PM_OK;
	info->data_first = member->sb.data_first;
	info->data_end = member->sb.data_end;
	pool->members[member->sb.region_index] = member;
	if (info->first_pool_page + info->page_count > pool->page_end)
		pool->page_end = info->first_pool_page + info->page_count;
}

void pm_pool_detach(struct pm_pool *pool)
{
	const struct pm_memory *memory = pool->memory;

	if (!memory)
		return;
	for (uint32_t i = 0; i < pool->region_count; i++)
		pm_member_close(memory, pool->members[i]);
	if (pool->members)
		memory->give(pool->members, pool->region_count * sizeof(*pool->members));
	if (pool->infos)
		memory->give(pool->infos, pool->region_count * sizeof(*pool->infos));
	pm_names_free(pool);
	memset(pool, 0, sizeof(*pool));
}

/* --- pool pages --- */

/* The region that has the page, missing or not; region_count: none. Missing ones whose place is not known are empty. */
static uint32_t region_of(const struct pm_pool *pool, uint64_t page)
{
	uint32_t low = 0, high = pool->region_count;

	if (!high)
		return 0;
	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;

		if (pool->infos[middle].first_pool_page <= page)
			low = middle;
		else
			high = middle;
	}
	return page - pool->infos[low].first_pool_page < pool->infos[low].page_count ? low : pool->region_count;
}

struct pm_member *pm_member_at(const struct pm_pool *pool, uint64_t page, uint64_t *page_index)
{
	uint32_t region = region_of(pool, page);

	if (region == pool->region_count)
		return NULL;
	if (page_index)
		*page_index = page - pool->infos[region].first_pool_page;
	return pool->members[region];
}

void *pm_page_bytes(const struct pm_pool *pool, uint64_t page)
{
	uint64_t index;
	struct pm_member *member = pm_member_at(pool, page, &index);

	return member ? member->base + (index << PM_PAGE_SHIFT) : NULL;
}

uint64_t pm_page_address(const struct pm_pool *pool, uint64_t page)
{
	uint32_t region = region_of(pool, page);
	const struct pm_member_info *info = &pool->infos[region];

	if (region == pool->region_count)
		return UINT64_MAX;
	return info->physical_base + ((page - info->first_pool_page) << PM_PAGE_SHIFT);
}

uint64_t pm_page_of_address(const struct pm_pool *pool, uint64_t address)
{
	for (uint32_t i = 0; i < pool->region_count; i++) {
		const struct pm_member_info *info = &pool->infos[i];
		uint64_t page = (address - info->physical_base) >> PM_PAGE_SHIFT;

		if (address >= info->physical_base && page < info->page_count)
			return info->first_pool_page + page;
	}
	return UINT64_MAX;
}

bool pm_page_data(const struct pm_pool *pool, uint64_t page, uint64_t *first, uint64_t *end)
{
	const struct pm_member *member = pm_member_at(pool, page, NULL);

	if (!member)
		return false;
	*first = pm_member_pool_page(member, member->sb.data_first);
	*end = pm_member_pool_page(member, member->sb.data_end);
	return true;
}

/* --- around every change --- */

/* Another process may have given the pool another name. */
static void fresh_name(struct pm_pool *pool)
{
	struct pm_member *member = pool->members[0];
	struct pm_superblock_choice choice;

	if (__atomic_load_n(&((struct pm_superblock *)(void *)member->base)->sequence, __ATOMIC_RELAXED) ==
	    member->sb.sequence)
		return;
	if (pm_superblock_choose(member->base, member->sb.region_bytes, &choice) ||
	    choice.sb.region_bytes != member->sb.region_bytes)
		return;
	memcpy(member->sb.pool_name, choice.sb.pool_name, PM_NAME_BYTES);
	member->sb.sequence = choice.sb.sequence;
	member->sb.crc = choice.sb.crc;
	pool->sb = member->sb;
}

static bool was_busy(const struct pm_pool *pool)
{
	for (uint32_t i = 0; i < pool->region_count; i++)
		if (__atomic_load_n(&pool->members[i]->shared->busy, __ATOMIC_ACQUIRE) == PM_BUSY)
			return true;
	return false;
}

/* A region that joined meanwhile is not mapped here: only a new attach sees the whole pool. */
static bool region_joined(const struct pm_pool *pool)
{
	const struct pm_member *member = pool->members[0];

	if (member->directory->members != pool->region_count - 1)
		return true;
	for (uint64_t slot = 0; member->directory->in_flight && slot < pm_directory_slots(member); slot++) {
		const struct pm_record *record = pm_directory_slot(member, slot);

		if (pm_record_state_load(record) == PM_RECORD_PENDING && record->kind == PM_RECORD_MEMBER)
			return true;
	}
	return false;
}

static enum pm_code look_again(struct pm_pool *pool)
{
	for (uint32_t i = 0; i < pool->region_count; i++) {
		enum pm_code code = pm_member_check(pool, pool->members[i], false, true);

		if (code)
			return code;
	}
	if (region_joined(pool))
		return PM_E_POOL_CHANGED;
	return pm_names_load(pool, true);
}

enum pm_code pm_pool_begin(struct pm_pool *pool, bool abandoned, const struct pm_act *act)
{
	bool recover = !pool->read_only && !pool->degraded && (abandoned || was_busy(pool));
	enum pm_code code = PM_OK;

	pool->torn = false;
	if (pool->degraded)
		return PM_E_POOL_DEGRADED;
	if (pool->read_only)
		return PM_E_POOL_READ_ONLY;
	pm_books_lock(pool);
	if (recover)
		code = look_again(pool);
	else
		code = pm_directory_fresh_locked(pool);
	if (!code && region_joined(pool))
		code = PM_E_POOL_CHANGED;
	pm_books_unlock(pool);
	if (code)
		return code;
	if (recover)
		pm_pool_recover(pool, NULL, act);
	fresh_name(pool);
	for (uint32_t i = 0; i < pool->region_count; i++) {
		pm_member_busy(pool->members[i], true);
		if (recover)
			pm_index_rebuild(pool->members[i]);
		pm_index_begin(pool->members[i]);
	}
	return PM_OK;
}

/* After a change that was left half done only a recovery may say that the regions are at rest. */
void pm_pool_end(struct pm_pool *pool)
{
	if (pool->torn)
		return;
	for (uint32_t i = 0; i < pool->region_count; i++) {
		if (!pool->members[i] || pool->read_only)
			continue;
		pm_fence_if(pool->members[i]->flush);
		pm_member_busy(pool->members[i], false);
	}
}

/* --- its name --- */

static void member_rename(struct pm_member *member, const char *name)
{
	struct pm_superblock *sb = &member->sb;
	struct pm_superblock_choice choice;

	/* Another process may have renamed it before. */
	if (!pm_superblock_choose(member->base, sb->region_bytes, &choice) && choice.sb.sequence > sb->sequence)
		sb->sequence = choice.sb.sequence;
	pm_text_put(sb->pool_name, PM_NAME_BYTES, name);
	sb->sequence++;
	pm_superblock_seal(sb);
	pm_superblock_write(member->base, sb, member->flush);
	pm_superblock_write(member->base + sb->region_bytes - PM_PAGE_SIZE, sb, member->flush);
}

enum pm_code pm_pool_rename(struct pm_pool *pool, const char *name)
{
	if (pool->read_only)
		return PM_E_POOL_READ_ONLY;
	if (!pm_name_fit(name))
		return PM_E_NAME_INVALID;
	pm_books_lock(pool);
	for (uint32_t i = 0; i < pool->region_count; i++)
		member_rename(pool->members[i], name);
	pool->sb = pool->members[0]->sb;
	pm_books_unlock(pool);
	return PM_OK;
}
