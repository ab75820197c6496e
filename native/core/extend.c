/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Another region joins the pool: a pending record in region 0, the region made, the record live. Until then the pool
 * knows nothing of it; attach finishes when the region is whole and drops it when not.
 */
#include "directory.h"
#include "index.h"
#include "layout.h"
#include "log.h"
#include "pool.h"
#include "records.h"
#include "recover.h"
#include "text.h"
#include <string.h>

static bool taken(const struct pm_pool *pool, const struct pm_mapping *mapping, const struct pm_pool_request *request)
{
	for (uint32_t i = 0; i < pool->region_count; i++) {
		const struct pm_member_info *info = &pool->infos[i];

		if (memcmp(info->region_uuid, request->region_uuid, 16) == 0)
			return true;
		if (mapping->physical_base < info->physical_base + info->bytes &&
		    info->physical_base < mapping->physical_base + mapping->bytes)
			return true;
	}
	return false;
}

static void body_make(struct pm_record *body, const struct pm_pool_request *request, uint64_t page_count,
		      const struct pm_act *act)
{
	static const struct pm_record_texts none;

	pm_record_fill(body, PM_RECORD_MEMBER, request->first_pool_page, page_count, &none, act);
	body->region_index = (uint16_t)request->region_index;
	memcpy(body->member.region_uuid, request->region_uuid, 16);
	body->member.physical_base = request->physical_base;
	body->member.medium = request->medium;
	body->member.numa_node = request->numa_node;
}

static void log_extend(struct pm_pool *pool, const struct pm_member *member, const struct pm_act *act)
{
	char detail[48];
	size_t used = 0;

	pm_text_append(detail, sizeof(detail), &used, "region ");
	pm_text_append_number(detail, sizeof(detail), &used, member->sb.region_index);
	pm_log_append(pool, PM_VERB_EXTEND, member->sb.first_pool_page, member->sb.page_count, detail, act);
}

/* All that needs memory of ours, before the pool says that it has the region. */
static enum pm_code open_made(struct pm_pool *pool, const struct pm_mapping *mapping, struct pm_member **member)
{
	struct pm_superblock sb;
	enum pm_code code = pm_pool_probe(mapping->base, mapping->bytes, &sb);

	if (!code)
		code = pm_member_open(pool->memory, mapping, &sb, member);
	if (code)
		return code;
	code = pm_directory_load(pool, *member, true);
	if (!code)
		code = pm_index_make(*member, pool->memory);
	if (!code)
		code = pm_pool_make_room(pool, pool->region_count + 1);
	if (code) {
		pm_member_close(pool->memory, *member);
		return code;
	}
	pm_member_busy(*member, true);
	return PM_OK;
}

static enum pm_code join(struct pm_pool *pool, const struct pm_mapping *mapping, const struct pm_pool_request *request,
			 uint64_t page_count, const struct pm_act *act)
{
	struct pm_member *first = pool->members[0], *member;
	struct pm_record body, *slot;
	enum pm_code code = pm_directory_take_locked(pool, first, 0, act, &slot);

	if (code)
		return code;
	body_make(&body, request, page_count, act);
	body.id = first->directory->next_id++;
	pm_record_pending(first, slot, &body);
	code = pm_pool_format(mapping->base, mapping->bytes, request, act);
	if (!code)
		code = open_made(pool, mapping, &member);
	if (code) {
		pm_pool_erase(mapping->base, mapping->bytes);
		pm_record_state_set(first, slot, PM_RECORD_FREE);
		pm_directory_give_locked(first, slot);
		return code;
	}
	pm_record_state_set(first, slot, PM_RECORD_LIVE);
	pm_pool_put(pool, member);
	pm_index_begin(member);
	pm_directory_add_locked(pool, first, slot);
	return PM_OK;
}

enum pm_code pm_pool_extend(struct pm_pool *pool, const struct pm_mapping *mapping,
			    const struct pm_pool_request *request, const struct pm_act *act)
{
	struct pm_pool_request full = *request;
	struct pm_layout layout;
	enum pm_code code;

	if (pool->degraded)
		return PM_E_POOL_DEGRADED;
	if (pool->read_only)
		return PM_E_POOL_READ_ONLY;
	memcpy(full.pool_uuid, pool->sb.pool_uuid, 16);
	memcpy(full.name, pool->sb.pool_name, PM_NAME_BYTES);
	full.physical_base = mapping->physical_base;
	full.flush = mapping->flush;
	full.region_index = pool->region_count;
	full.first_pool_page = pm_next_first_pool_page(pool->page_end);
	code = pm_layout_compute(mapping->bytes, &full, &layout);
	if (code)
		return code;
	if (full.medium > PM_MEDIUM_FILE || full.numa_node < -1)
		return PM_E_UNSUPPORTED;
	if (taken(pool, mapping, &full))
		return PM_E_REGION_OCCUPIED;
	pm_books_lock(pool);
	code = join(pool, mapping, &full, layout.page_count, act);
	pm_books_unlock(pool);
	if (!code)
		log_extend(pool, pool->members[full.region_index], act);
	return code;
}
