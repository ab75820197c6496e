/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Attach: look at every mapping, give each region its place in the pool, check everything, and only when all of it
 * holds take back what a crash left. A pool whose metadata contradicts itself in a way that no crash makes is left
 * exactly as it is.
 */
#include "directory.h"
#include "index.h"
#include "layout.h"
#include "log.h"
#include "pool.h"
#include "records.h"
#include "recover.h"
#include "superblock.h"
#include <string.h>

struct candidate {
	const struct pm_mapping *mapping;
	struct pm_superblock sb;
	bool known; /* the superblock is good, whatever else is wrong */
	enum pm_code code; /* of the superblock, the place, then all the region */
	struct pm_member *member; /* checked, and nobody's yet */
};

struct attach {
	struct pm_pool *pool;
	struct candidate *candidates;
	size_t count;
	bool reader;
	bool stray; /* a mapping that no member names */
	struct pm_record *pending; /* of a region that was about to join */
	struct pm_record *joined; /* the same, when the region is there and whole */
};

/* --- each mapping by itself --- */

static void look(struct candidate *candidate, const struct pm_mapping *mapping)
{
	struct pm_superblock_choice choice;

	candidate->mapping = mapping;
	candidate->code = pm_superblock_choose(mapping->base, mapping->bytes, &choice);
	candidate->sb = choice.sb;
	candidate->known = candidate->code == PM_OK;
	if (!candidate->code &&
	    (choice.sb.physical_base != mapping->physical_base || choice.sb.region_bytes > mapping->bytes))
		candidate->code = PM_E_REGION_MOVED;
}

static enum pm_code check(struct attach *attach, struct candidate *candidate)
{
	const struct pm_memory *memory = attach->pool->memory;

	if (candidate->code || candidate->member)
		return candidate->code;
	candidate->code = pm_member_open(memory, candidate->mapping, &candidate->sb, &candidate->member);
	if (!candidate->code)
		candidate->code = pm_member_check(attach->pool, candidate->member, attach->reader, false);
	if (candidate->code) {
		pm_member_close(memory, candidate->member);
		candidate->member = NULL;
	}
	return candidate->code;
}

static bool same_pool(const struct candidate *candidate, const struct pm_superblock *sb)
{
	return candidate->known && memcmp(candidate->sb.pool_uuid, sb->pool_uuid, 16) == 0;
}

static bool matches(const struct pm_superblock *sb, const struct pm_member_info *info)
{
	return sb->region_index == info->index && memcmp(sb->region_uuid, info->region_uuid, 16) == 0 &&
	       sb->first_pool_page == info->first_pool_page && sb->page_count == info->page_count &&
	       sb->physical_base == info->physical_base;
}

/* --- which regions the pool has --- */

static void info_of_record(struct pm_member_info *info, const struct pm_record *record)
{
	*info = (struct pm_member_info){
		.index = record->region_index,
		.code = PM_E_REGION_MISSING,
		.first_pool_page = record->page,
		.page_count = record->pages,
		.physical_base = record->member.physical_base,
		.bytes = record->pages << PM_PAGE_SHIFT,
		.medium = record->member.medium,
		.numa_node = record->member.numa_node,
	};
	memcpy(info->region_uuid, record->member.region_uuid, 16);
}

/* Each region begins where the one before it ends. */
static bool follows(const struct pm_pool *pool, const struct pm_member_info *info)
{
	const struct pm_member_info *before = info - 1;

	return info->bytes && info->index == (uint32_t)(info - pool->infos) &&
	       info->first_pool_page == pm_next_first_pool_page(before->first_pool_page + before->page_count);
}

/* A region that was about to join when the process died: whole or nothing. */
static enum pm_code region_pending(struct attach *attach, const struct pm_record *record)
{
	struct pm_pool *pool = attach->pool;
	struct pm_member_info info;
	enum pm_code code;

	info_of_record(&info, record);
	for (size_t i = 0; i < attach->count && !attach->reader; i++) {
		struct candidate *candidate = &attach->candidates[i];

		if (candidate->code || !same_pool(candidate, &pool->sb) || !matches(&candidate->sb, &info) ||
		    info.index != pool->region_count || check(attach, candidate))
			continue;
		code = pm_pool_make_room(pool, pool->region_count + 1);
		if (code)
			return code;
		pool->infos[info.index] = info;
		if (!follows(pool, &pool->infos[info.index]))
			return PM_E_POOL_CORRUPT;
		attach->joined = attach->pending;
		break;
	}
	return PM_OK;
}

/* Region 0 has the list of the others. */
static enum pm_code regions_listed(struct attach *attach, struct pm_member *first)
{
	struct pm_pool *pool = attach->pool;
	uint64_t slots = pm_directory_slots(first), members = first->directory->members;
	enum pm_code code;

	if (members >= PM_REGIONS_MAX)
		return PM_E_POOL_CORRUPT;
	code = pm_pool_make_room(pool, (uint32_t)members + 1);
	if (code)
		return code;
	pm_member_info_of(&pool->infos[0], &first->sb);
	for (uint64_t slot = 0; slot < slots; slot++) {
		struct pm_record *record = pm_directory_slot(first, slot), copy;
		unsigned state = pm_record_state_load(record);

		if (state != PM_RECORD_LIVE && state != PM_RECORD_PENDING)
			continue;
		pm_record_load(record, &copy);
		if (copy.kind != PM_RECORD_MEMBER || !pm_record_sane(first, &copy))
			continue;
		if (state == PM_RECORD_PENDING)
			attach->pending = record;
		else if (copy.region_index >= pool->region_count || pool->infos[copy.region_index].bytes)
			return PM_E_POOL_CORRUPT;
		else
			info_of_record(&pool->infos[copy.region_index], &copy);
	}
	for (uint32_t i = 1; i < pool->region_count; i++)
		if (!follows(pool, &pool->infos[i]))
			return PM_E_POOL_CORRUPT;
	return attach->pending ? region_pending(attach, attach->pending) : PM_OK;
}

/* Without region 0 the regions that are there tell of themselves; what lies between them is not known. */
static enum pm_code regions_guessed(struct attach *attach)
{
	struct pm_pool *pool = attach->pool;
	uint32_t count = 1;
	uint64_t end = 0;
	enum pm_code code;

	for (size_t i = 0; i < attach->count; i++)
		if (same_pool(&attach->candidates[i], &pool->sb) && attach->candidates[i].sb.region_index >= count)
			count = attach->candidates[i].sb.region_index + 1;
	code = pm_pool_make_room(pool, count);
	for (size_t i = 0; i < attach->count && !code; i++) {
		const struct pm_superblock *sb = &attach->candidates[i].sb;

		if (same_pool(&attach->candidates[i], &pool->sb) && !pool->infos[sb->region_index].bytes)
			pm_member_info_of(&pool->infos[sb->region_index], sb);
	}
	for (uint32_t i = 0; i < count && !code; i++) {
		struct pm_member_info *info = &pool->infos[i];

		if (!info->bytes)
			*info = (struct pm_member_info){
				.index = i, .code = PM_E_REGION_MISSING, .first_pool_page = end, .numa_node = -1};
		if (info->first_pool_page < end)
			return PM_E_POOL_CORRUPT;
		end = info->first_pool_page + info->page_count;
	}
	return code;
}

/* --- each mapping to its place --- */

/* By its UUID, else by where it stands: NULL when no region of the pool is like that. */
static struct pm_member_info *info_for(const struct attach *attach, const struct candidate *candidate)
{
	const struct pm_pool *pool = attach->pool;

	if (same_pool(candidate, &pool->sb) && candidate->sb.region_index < pool->region_count) {
		struct pm_member_info *info = &pool->infos[candidate->sb.region_index];

		if (!info->present && memcmp(candidate->sb.region_uuid, info->region_uuid, 16) == 0)
			return info;
	}
	for (uint32_t i = 0; i < pool->region_count; i++)
		if (!pool->infos[i].present && pool->infos[i].bytes &&
		    pool->infos[i].physical_base == candidate->mapping->physical_base)
			return &pool->infos[i];
	return NULL;
}

/* A mapping that is no region of the pool. */
static enum pm_code unplaced(struct attach *attach, const struct candidate *candidate)
{
	struct pm_member_info *first = &attach->pool->infos[0];
	struct pm_record pending;

	if (attach->pending) {
		pm_record_load(attach->pending, &pending);
		if (pending.member.physical_base == candidate->mapping->physical_base)
			return PM_OK; /* what was about to join and did not */
	}
	if (same_pool(candidate, &attach->pool->sb)) {
		attach->stray = true;
		return PM_OK;
	}
	if (!candidate->code)
		return PM_E_POOL_FOREIGN;
	/* It may be region 0, which nobody else knows the place of. */
	if (first->present || first->bytes)
		return candidate->code;
	first->code = candidate->code;
	return PM_OK;
}

static enum pm_code place(struct attach *attach, struct candidate *candidate)
{
	struct pm_member_info *info = info_for(attach, candidate);
	enum pm_code code;

	if (!info)
		return unplaced(attach, candidate);
	code = candidate->code;
	if (!code && (!same_pool(candidate, &attach->pool->sb) || !matches(&candidate->sb, info)))
		code = PM_E_POOL_FOREIGN;
	if (!code)
		code = check(attach, candidate);
	if (code == PM_E_OUT_OF_MEMORY)
		return code;
	if (code) {
		info->code = code == PM_E_POOL_NOT_FOUND ? PM_E_REGION_MISSING : code;
		return PM_OK;
	}
	pm_pool_put(attach->pool, candidate->member);
	candidate->member = NULL;
	return PM_OK;
}

/* --- the pool --- */

/* Region 0 decides which pool it is; without it, the first region there is. */
static enum pm_code regions_find(struct attach *attach)
{
	struct candidate *some = NULL;

	for (size_t i = 0; i < attach->count; i++) {
		struct candidate *candidate = &attach->candidates[i];

		if (candidate->code)
			continue;
		if (candidate->sb.region_index == 0 && check(attach, candidate) == PM_OK) {
			attach->pool->sb = candidate->sb;
			return regions_listed(attach, candidate->member);
		}
		if (candidate->code == PM_E_OUT_OF_MEMORY)
			return candidate->code;
		if (!candidate->code && !some)
			some = candidate;
	}
	if (!some)
		return attach->candidates[0].code;
	attach->pool->sb = some->sb;
	return regions_guessed(attach);
}

static void read_only_if(struct pm_pool *pool, bool asked, bool stray)
{
	pool->read_only = asked;
	pool->degraded = stray;
	for (uint32_t i = 0; i < pool->region_count; i++) {
		const struct pm_member_info *info = &pool->infos[i];

		if (!info->present)
			pool->degraded = true;
		else if (pool->members[i]->sb.ro_compat & ~PM_RO_COMPAT_KNOWN)
			pool->read_only = true;
		if (info->first_pool_page + info->page_count > pool->page_end)
			pool->page_end = info->first_pool_page + info->page_count;
	}
	pool->read_only |= pool->degraded;
}

static enum pm_code regions_attach(struct attach *attach, bool asked_read_only, const struct pm_act *act)
{
	struct pm_pool *pool = attach->pool;
	enum pm_code code = regions_find(attach);

	for (size_t i = 0; i < attach->count && !code; i++)
		code = place(attach, &attach->candidates[i]);
	if (!code)
		code = pm_names_load(pool, true);
	if (code == PM_E_POOL_CORRUPT && attach->reader && pm_directory_moved(pool))
		code = pm_names_load(pool, false);
	if (code)
		return code;
	read_only_if(pool, asked_read_only, attach->stray);
	pool->log_next = pool->members[0] ? pm_log_find_newest(pool->members[0]) + 1 : 1;
	if (!pool->read_only)
		pm_pool_recover(pool, attach->joined, act);
	for (uint32_t i = 0; i < pool->region_count && !code; i++)
		if (pool->members[i])
			code = pm_index_make(pool->members[i], pool->memory);
	return code;
}

enum pm_code pm_pool_attach(struct pm_pool *pool, const struct pm_mapping *mappings, size_t count, unsigned flags,
			    const struct pm_memory *memory, const struct pm_act *act)
{
	bool asked_read_only = flags & PM_ATTACH_READ_ONLY;
	struct attach attach = {.pool = pool, .count = count, .reader = asked_read_only};
	enum pm_code code;

	memset(pool, 0, sizeof(*pool));
	if (!count)
		return PM_E_POOL_NOT_FOUND;
	if (count > PM_REGIONS_MAX)
		return PM_E_COUNT_INVALID;
	attach.candidates = memory->take(count * sizeof(*attach.candidates));
	if (!attach.candidates)
		return PM_E_OUT_OF_MEMORY;
	pool->memory = memory;
	for (size_t i = 0; i < count; i++)
		look(&attach.candidates[i], &mappings[i]);
	code = regions_attach(&attach, asked_read_only, act);
	for (size_t i = 0; i < count; i++)
		pm_member_close(memory, attach.candidates[i].member);
	memory->give(attach.candidates, count * sizeof(*attach.candidates));
	if (code)
		pm_pool_detach(pool);
	return code;
}
