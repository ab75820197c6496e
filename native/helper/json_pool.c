/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "json_build.h"

static struct json_object *recovered_object(const struct pm_pool *pool)
{
	struct json_object *object = json_object_new_object();

	json_set_count(object, "runsTakenBack", pool->recovered.runs_taken_back);
	json_set_count(object, "pagesTakenBack", pool->recovered.pages_taken_back);
	json_set_count(object, "recordsFinished", pool->recovered.records_finished);
	json_set_count(object, "recordsDropped", pool->recovered.records_dropped);
	json_set_count(object, "checksRenewed", pool->recovered.checks_renewed);
	json_set_count(object, "blocksTakenBack", pool->recovered.blocks_taken_back);
	json_set_bool(object, "superblockMended", pool->recovered.superblock_mended);
	return object;
}

static uint64_t bytes_of_all(const struct pm_pool *pool)
{
	uint64_t bytes = 0;

	for (uint32_t i = 0; i < pool->region_count; i++)
		bytes += pool->infos[i].bytes;
	return bytes;
}

/* One past the last page that can be allocated. */
static uint64_t data_end(const struct pm_pool *pool)
{
	uint64_t end = 0;

	for (uint32_t i = 0; i < pool->region_count; i++)
		if (pool->infos[i].present)
			end = pool->infos[i].first_pool_page + pool->infos[i].data_end;
	return end;
}

enum pm_code json_pool(struct attached *attached, struct json_object **result, struct pm_error *err)
{
	const struct pm_pool *pool = &attached->pool;
	const struct pm_superblock *sb = &pool->sb;
	/* region 0 may be mapped and yet not attach: the one that speaks for the pool then */
	const struct part *part = mapped_part(&attached->mapped, sb->region_uuid);
	const struct pm_region *region = part ? &part->region : &attached->mapped.parts[0].region;
	struct json_object *object;
	struct pm_usage usage;
	enum pm_code code = guarded_usage(pool, &usage, err);

	if (code != PM_OK)
		return code;
	object = json_object_new_object();
	json_set_text(object, "uuid", attached->uuid);
	json_set_field(object, "name", sb->pool_name, sizeof(sb->pool_name));
	json_set_text(object, "region", region->info.id);
	json_set_count(object, "offset", region->offset);
	json_set_count(object, "base", sb->physical_base);
	json_set_count(object, "size", bytes_of_all(pool));
	json_set_count(object, "pages", pool->page_end);
	json_set_count(object, "dataFirst", sb->first_pool_page + sb->data_first);
	json_set_count(object, "dataEnd", data_end(pool));
	json_set(object, "regions", json_pool_regions(attached));
	json_set_bool(object, "degraded", session_degraded(attached));
	json_set_time(object, "createdAt", sb->created_ns);
	json_set_uuid(object, "createdBootId", sb->created_boot_id);
	json_set_count(object, "formatVersion", sb->version);
	json_set_bool(object, "readOnly", pool->read_only);
	json_set_count(object, "sequence", guarded_log_sequence(pool));
	json_set(object, "usage", json_usage(&usage));
	json_set(object, "recovered", recovered_object(pool));
	*result = object;
	return PM_OK;
}

struct json_object *json_allocation(const struct attached *attached, const struct run_copy *run)
{
	return json_allocation_of(&attached->pool, run->page, run->pages, run->named ? &run->record : NULL);
}

static const char *verb_name(unsigned verb)
{
	static const char *const names[] = {
		[PM_VERB_POOL_CREATE] = "pool-create",
		[PM_VERB_ALLOCATE] = "allocate",
		[PM_VERB_FREE] = "free",
		[PM_VERB_WRITE] = "write",
		[PM_VERB_SNAPSHOT] = "snapshot",
		[PM_VERB_EXPECT] = "expect",
		[PM_VERB_KEXEC_LOAD] = "kexec-load",
		[PM_VERB_KEXEC_JUMP] = "kexec-jump",
		[PM_VERB_VERDICT] = "verdict",
		[PM_VERB_RECOVER] = "recover",
		[PM_VERB_RENAME] = "rename",
		[PM_VERB_RELABEL] = "relabel",
		[PM_VERB_QUARANTINE] = "quarantine",
		[PM_VERB_RELEASE] = "release",
		[PM_VERB_EXTEND] = "extend",
		[PM_VERB_REPAIR] = "repair",
		[PM_VERB_RESTORE] = "restore",
		[PM_VERB_FILL] = "fill",
		[PM_VERB_TEST] = "test",
		[PM_VERB_FAULT] = "fault",
		[PM_VERB_RESIZE] = "resize",
	};

	return verb < sizeof(names) / sizeof(names[0]) ? names[verb] : NULL;
}

/* NULL for a verb of a newer version: the protocol has no word for it. */
struct json_object *json_log_entry(const struct pm_log_entry *entry)
{
	struct json_object *object;

	if (!verb_name(entry->verb))
		return NULL;
	object = json_object_new_object();
	json_set_count(object, "sequence", entry->sequence);
	json_set_time(object, "time", entry->time_ns);
	json_set_uuid(object, "bootId", entry->boot_id);
	json_set_text(object, "verb", verb_name(entry->verb));
	json_set_count(object, "page", entry->page);
	json_set_count(object, "pages", entry->pages);
	json_set_field(object, "actor", entry->actor, sizeof(entry->actor));
	json_set_field(object, "detail", entry->detail, sizeof(entry->detail));
	return object;
}
