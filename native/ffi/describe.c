/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a file says of itself. Its META is anybody's: only what has the right type and form is passed on. */
#include "describe.h"
#include "json/shapes.h"

static void put_parent(struct json_object *object, const struct pm_snapshot *snapshot)
{
	uint8_t digest[16];
	char name[128];
	struct json_object *parent = NULL;

	if (pm_snapshot_parent(snapshot, digest, name)) {
		parent = json_object_new_object();
		json_set_text(parent, "name", name);
		json_set_digest(parent, "digest", digest);
	}
	json_set(object, "parent", parent);
}

static struct json_object *region_object(const struct pm_pool *pool, const struct pm_member_info *info)
{
	struct pm_error missing = {.code = info->present ? PM_OK : info->code,
				   .message = "It was missing when the snapshot was taken."};

	return json_pool_region(info, NULL, 0, pool, &missing);
}

static struct json_object *superblock_object(const struct pm_superblock *sb)
{
	struct pm_member_info info;

	pm_member_info_of(&info, sb);
	info.present = true;
	info.data_first = sb->data_first;
	info.data_end = sb->data_end;
	return region_object(NULL, &info);
}

/* As the pool was; where its metadata did not come through, as its superblocks say. */
static void put_pool(struct json_object *object, struct pm_snapshot *snapshot)
{
	const struct pm_pool *pool = NULL;
	struct pm_usage usage = {.largest_free_order = UINT32_MAX};
	struct pm_error err = {0};
	struct json_object *regions = json_object_new_array();
	size_t count = 0;

	if (pm_snapshot_pool(snapshot, &pool, &err) == PM_OK) {
		pm_usage_get(pool, &usage);
		json_set_uuid(object, "pool", pool->sb.pool_uuid);
		json_set_field(object, "poolName", pool->sb.pool_name, sizeof(pool->sb.pool_name));
		for (uint32_t i = 0; i < pool->region_count; i++)
			json_object_array_add(regions, region_object(pool, &pool->infos[i]));
	} else {
		const struct pm_superblock *superblocks = pm_snapshot_regions(snapshot, &count);
		static const uint8_t none[16];

		json_set_uuid(object, "pool", count ? superblocks[0].pool_uuid : none);
		json_set_field(object, "poolName", count ? superblocks[0].pool_name : "", count ? PM_NAME_BYTES : 0);
		for (size_t i = 0; i < count; i++)
			json_object_array_add(regions, superblock_object(&superblocks[i]));
	}
	json_set(object, "regions", regions);
	json_set(object, "usage", json_usage(&usage));
}

struct json_object *describe(struct chain *chain, const struct pm_snapshot_result *totals,
			     const struct pm_error *damage)
{
	struct pm_snapshot *snapshot = chain->snapshots[0];
	struct json_object *meta = pm_snapshot_meta(snapshot), *object = json_object_new_object();
	const char *boot = json_uuid(json_part(meta, "host"), "bootId");

	json_set_count(object, "bytes", chain->bytes);
	json_set_count(object, "createdAt", json_count(meta, "createdAt"));
	json_set(object, "bootId", boot ? json_object_new_string(boot) : NULL);
	json_set_text(object, "hostname", json_text(json_part(meta, "host"), "hostname"));
	json_set_bool(object, "all", json_flag(json_member(meta, "snapshot"), "all"));
	pm_snapshot_result_set(object, totals);
	put_parent(object, snapshot);
	put_pool(object, snapshot);
	json_set(object, "damage", json_error_of(damage));
	return object;
}
