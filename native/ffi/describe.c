/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a file says of itself. Its META is anybody's: only what has the right type and form is passed on. */
#include "describe.h"
#include "host/uuid.h"
#include "json.h"

static struct json_object *uuid_json(struct json_object *object, const char *name)
{
	const char *text = member_text(object, name);
	uint8_t uuid[16];

	return pm_uuid_parse(text, uuid) ? json_object_new_string(text) : NULL;
}

static void put_parent(struct json_object *object, const struct pm_snapshot *snapshot)
{
	uint8_t digest[16];
	char name[128];
	struct json_object *parent = NULL;

	if (pm_snapshot_parent(snapshot, digest, name)) {
		parent = json_object_new_object();
		put_text(parent, "name", name);
		put_digest(parent, "digest", digest);
	}
	put(object, "parent", parent);
}

static void put_totals(struct json_object *object, const struct pm_snapshot_result *totals)
{
	put_count(object, "pages", totals->pages);
	put_count(object, "zeroPages", totals->zero_pages);
	put_count(object, "repeatedPages", totals->repeated_pages);
	put_count(object, "parentPages", totals->parent_pages);
	put_count(object, "movedPages", totals->moved_pages);
	put_digest(object, "digest", totals->digest);
}

/* As the pool was; where its metadata did not come through, as its superblocks say. */
static void put_pool(struct json_object *object, struct pm_snapshot *snapshot)
{
	const struct pm_pool *pool = NULL;
	struct pm_usage usage = {.largest_free_order = UINT32_MAX};
	struct pm_error err = {0};
	size_t count = 0;

	if (pm_snapshot_pool(snapshot, &pool, &err) == PM_OK) {
		pm_usage_get(pool, &usage);
		put_uuid(object, "pool", pool->sb.pool_uuid);
		put_field(object, "poolName", pool->sb.pool_name, sizeof(pool->sb.pool_name));
		put(object, "regions", regions_json(pool));
	} else {
		const struct pm_superblock *superblocks = pm_snapshot_regions(snapshot, &count);
		static const uint8_t none[16];

		put_uuid(object, "pool", count ? superblocks[0].pool_uuid : none);
		put_field(object, "poolName", count ? superblocks[0].pool_name : "", count ? PM_NAME_BYTES : 0);
		put(object, "regions", superblocks_json(superblocks, count));
	}
	put(object, "usage", usage_json(&usage));
}

struct json_object *describe(struct chain *chain, const struct pm_snapshot_result *totals,
			     const struct pm_error *damage)
{
	struct pm_snapshot *snapshot = chain->snapshots[0];
	struct json_object *meta = pm_snapshot_meta(snapshot), *host = member(meta, "host");
	struct json_object *object = json_object_new_object();

	put_count(object, "bytes", chain->bytes);
	put_count(object, "createdAt", member_count(meta, "createdAt"));
	put(object, "bootId", uuid_json(host, "bootId"));
	put_text(object, "hostname", member_text(host, "hostname"));
	put_bool(object, "all", json_object_get_boolean(member(member(meta, "snapshot"), "all")));
	put_totals(object, totals);
	put_parent(object, snapshot);
	put_pool(object, snapshot);
	put(object, "damage", damage->code == PM_OK ? NULL : error_json(damage->code, damage->message));
	return object;
}
