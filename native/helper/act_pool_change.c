/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A pool as a whole: another name, one region more, or none at all. */
#include "acts.h"
#include "guarded_changes.h"
#include "json_build.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static enum pm_code rename_locked(struct call *call, struct attached *attached, const char *name)
{
	struct pm_act act;
	enum pm_code code = guarded_pool_rename(&attached->pool, name, &call->err);

	if (code != PM_OK)
		return code;
	session_act(call->session, &act);
	return guarded_log_append(&attached->pool, PM_VERB_RENAME, 0, 0, name, &act, &call->err);
}

/* The pool as it is after the change: attached anew, with all its regions. */
static enum pm_code answer_changed(struct call *call)
{
	struct attached *attached;
	enum pm_code code = call_pool(call, &attached);

	return code == PM_OK ? json_pool(attached, &call->result, &call->err) : code;
}

enum pm_code act_pool_rename(struct call *call)
{
	const char *name = param_text(call, "name", "");
	struct attached *attached;
	enum pm_code code = call_pool(call, &attached);

	if (code == PM_OK)
		code = pool_name_fit(name, &call->err);
	if (code == PM_OK)
		code = session_lock(call->session, attached, &call->err);
	if (code != PM_OK)
		return code;
	code = rename_locked(call, attached, name);
	session_unlock(attached);
	return code == PM_OK ? answer_changed(call) : code;
}

/* What the pool has already is not there to be overwritten, by whatever word. */
static enum pm_code outside(struct call *call, const struct attached *attached, const struct pm_region *region)
{
	uint64_t base = region->info.base + region->offset;

	for (uint32_t i = 0; i < attached->pool.region_count; i++) {
		const struct pm_member_info *info = &attached->pool.infos[i];

		if (base < info->physical_base + info->bytes && info->physical_base < base + region->bytes)
			return pm_fail(&call->err, PM_E_INVALID_PARAMS,
				       "parameter region: 0x%" PRIx64 " is in region %" PRIu32 " of the pool already",
				       base, i);
	}
	return PM_OK;
}

static enum pm_code extend_locked(struct call *call, struct attached *attached, const struct pm_region *region)
{
	struct pm_mapping mapping = mapping_of(region, region->bytes);
	struct pm_pool_request request = {.medium = pm_region_medium(region->info.kind),
					  .numa_node = region->info.numa_node};
	struct pm_act act;
	enum pm_code code = clear_range(call, region);

	if (code != PM_OK)
		return code;
	pm_uuid_random(request.region_uuid);
	session_act(call->session, &act);
	return guarded_pool_extend(&attached->pool, &mapping, &request, &act, &call->err);
}

static enum pm_code extend(struct call *call, struct attached *attached, struct pm_region *region)
{
	enum pm_code code = outside(call, attached, region);

	if (code == PM_OK)
		code = session_lock_with(call->session, attached, region, &call->err);
	if (code != PM_OK)
		return code;
	code = extend_locked(call, attached, region);
	session_unlock(attached);
	session_renew(attached); /* before the new region's mapping goes */
	return code;
}

enum pm_code act_pool_extend(struct call *call)
{
	struct attached *attached;
	struct pm_region region;
	enum pm_code code = call_pool(call, &attached);

	if (code == PM_OK)
		code = session_writable(attached, &call->err);
	if (code == PM_OK)
		code = pm_region_open(&call->session->host, param_text(call, "region", ""),
				      param_count(call, "offset", 0), param_count(call, "size", 0), true, &region,
				      &call->err);
	if (code != PM_OK)
		return code;
	code = extend(call, attached, &region);
	pm_region_close(&region);
	return code == PM_OK ? answer_changed(call) : code;
}

/* Under the locks: the pool is the one that was shown. */
static enum pm_code pool_as_expected(struct call *call, const struct attached *attached)
{
	struct json_object *expect = param_object(call, "expect");
	const struct pm_superblock *sb = &attached->pool.sb;
	uint64_t sequence = guarded_log_sequence(&attached->pool);

	if (strncmp(json_text(expect, "name"), sb->pool_name, sizeof(sb->pool_name)) != 0)
		return pm_fail(&call->err, PM_E_POOL_CHANGED, "the pool is named \"%.63s\" by now", sb->pool_name);
	if (json_object_object_get_ex(expect, "sequence", NULL) && json_count(expect, "sequence") != sequence)
		return pm_fail(&call->err, PM_E_POOL_CHANGED, "the pool was changed meanwhile: sequence %" PRIu64,
			       sequence);
	return PM_OK;
}

/* The first region last: until then the pool is still there, if without the others, and can be deleted again. */
static enum pm_code erase_all(struct call *call, struct attached *attached)
{
	enum pm_code code = PM_OK;

	for (size_t i = 0; i < attached->mapped.count; i++)
		if (!attached->mapped.parts[i].region.writable)
			return pm_fail(&call->err, PM_E_POOL_READ_ONLY, "region %s cannot be written here",
				       attached->mapped.parts[i].region.info.id);
	for (size_t i = attached->mapped.count; i-- > 0 && code == PM_OK;)
		code = guarded_erase(&attached->mapped.parts[i].region, attached->mapped.parts[i].sb.region_bytes,
				     &call->err);
	return code;
}

/* A pool that is not whole can still be made none: what is left of a delete that died half-way, or of a pool whose
 * region is gone for good. */
static enum pm_code lock_to_delete(struct call *call, struct attached *attached)
{
	enum pm_code code;

	if (!attached->pool.degraded || attached->contested)
		return session_lock(call->session, attached, &call->err);
	code = mapped_lock(&attached->mapped, &call->err);
	if (code == PM_OK && !mapped_same(&attached->mapped)) {
		attached->gone = true;
		code = pm_fail(&call->err, PM_E_POOL_CHANGED, "pool %s was overwritten", attached->uuid);
		session_unlock(attached);
	}
	return code;
}

static bool holds(const struct pm_region *region, const struct pm_superblock *of)
{
	struct pm_superblock sb;

	return pm_region_copy(&sb, region->map, sizeof(sb), NULL) == PM_OK &&
	       memcmp(sb.magic, PM_MAGIC, sizeof(sb.magic)) == 0 &&
	       memcmp(sb.pool_uuid, of->pool_uuid, sizeof(sb.pool_uuid)) == 0;
}

static enum pm_code erase_stray_open(struct call *call, struct attached *attached, const struct claim *claim,
				     struct pm_region *region)
{
	enum pm_code code;

	attached->mapped.joining = region;
	code = lock_to_delete(call, attached);
	attached->mapped.joining = code == PM_OK ? region : NULL;
	if (code != PM_OK)
		return code;
	code = pool_as_expected(call, attached);
	if (code == PM_OK && holds(region, &claim->place.sb)) /* the other superblock is out of reach */
		code = guarded_erase(region, PM_PAGE_SIZE, &call->err);
	session_unlock(attached);
	return code;
}

/* Regions that begin where the pool says and have not room for all of it any more: too short to be mapped as a part. */
static enum pm_code erase_strays(struct call *call, struct attached *attached)
{
	enum pm_code code = PM_OK;

	for (size_t i = 0; i < attached->claim_count && code == PM_OK; i++) {
		const struct claim *claim = &attached->claims[i];
		struct pm_region region;

		if (claim->refused.code != PM_E_REGION_MOVED || claim->contends ||
		    memcmp(claim->place.sb.magic, PM_MAGIC, sizeof(claim->place.sb.magic)) != 0)
			continue;
		code = pm_region_open(&call->session->host, claim->place.region.id, claim->place.offset, 0, true,
				      &region, &call->err);
		if (code != PM_OK)
			return code;
		code = erase_stray_open(call, attached, claim, &region);
		pm_region_close(&region);
	}
	return code;
}

enum pm_code act_pool_delete(struct call *call)
{
	struct attached *attached;
	enum pm_code code = call_pool(call, &attached);

	if (code == PM_OK && attached->pool.degraded)
		code = erase_strays(call, attached);
	if (code == PM_OK)
		code = lock_to_delete(call, attached);
	if (code != PM_OK)
		return code;
	code = pool_as_expected(call, attached);
	if (code == PM_OK) {
		code = erase_all(call, attached);
		attached->gone = true;
	}
	session_unlock(attached);
	if (code == PM_OK)
		call->result = json_object_new_object();
	return code;
}
