/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Around a change: may the pool be changed at all, is it still the one we attached, the locks, begin and end. */
#include "guarded.h"
#include "session.h"
#include <inttypes.h>
#include <string.h>

bool session_degraded(const struct attached *attached)
{
	return attached->pool.degraded || attached->contested;
}

struct pm_error session_region_state(const struct attached *attached, uint32_t index)
{
	const struct pm_member_info *info = &attached->pool.infos[index];
	struct pm_error state = {.code = PM_OK};

	if (info->present)
		return state;
	pm_fail(&state, info->code ? info->code : PM_E_REGION_MISSING, "%s",
		pm_error_reason(info->code ? info->code : PM_E_REGION_MISSING));
	/* why it could not even be handed to core tells more than that it was not */
	for (size_t i = 0; i < attached->claim_count; i++)
		if (attached->claims[i].place.sb.region_index == index && attached->claims[i].refused.code != PM_OK &&
		    !attached->claims[i].contends)
			return attached->claims[i].refused;
	return state;
}

enum pm_code session_writable(const struct attached *attached, struct pm_error *err)
{
	if (!attached->pool.read_only)
		return PM_OK;
	for (uint32_t i = 0; attached->pool.degraded && i < attached->pool.region_count; i++) {
		struct pm_error state = session_region_state(attached, i);

		if (state.code == PM_E_POOL_CORRUPT)
			return pm_fail(err, PM_E_POOL_DEGRADED,
				       "region %" PRIu32 " of pool %s: %.200s `pmpool check` says what is wrong", i,
				       attached->uuid, state.message);
		if (state.code != PM_OK)
			return pm_fail(err, PM_E_POOL_DEGRADED, "region %" PRIu32 " of pool %s: %.256s", i,
				       attached->uuid, state.message);
	}
	for (size_t i = 0; attached->contested && i < attached->claim_count; i++)
		if (attached->claims[i].contends)
			return pm_fail(err, PM_E_POOL_DEGRADED, "pool %s: %.256s", attached->uuid,
				       attached->claims[i].refused.message);
	if (attached->pool.degraded)
		return pm_fail(err, PM_E_POOL_DEGRADED, "a region of pool %s is missing", attached->uuid);
	return pm_fail(err, PM_E_POOL_READ_ONLY, "pool %s can only be read here", attached->uuid);
}

static bool of_the_pool(const struct pm_log_entry *entry)
{
	return entry->verb == PM_VERB_EXTEND || entry->verb == PM_VERB_REPAIR ||
	       (entry->verb == PM_VERB_RENAME && entry->page == 0 && entry->pages == 0);
}

/* A whole pool that came back from a snapshot may say the same as before, but its superblocks are newer. */
static bool superblock_newer(const struct attached *attached)
{
	for (size_t i = 0; i < attached->mapped.count; i++) {
		const struct part *part = &attached->mapped.parts[i];
		uint64_t sequence;

		if (pm_region_copy(&sequence, part->region.map + offsetof(struct pm_superblock, sequence),
				   sizeof(sequence), NULL) == PM_OK &&
		    sequence > part->sb.sequence)
			return true;
	}
	return false;
}

bool session_outdated(struct attached *attached)
{
	uint64_t newest = guarded_log_sequence(&attached->pool), slots = pm_log_slots(&attached->pool);

	if (superblock_newer(attached))
		return true;
	if (newest <= attached->looked) /* 0: region 0 is missing, so the pool is read-only */
		return false;
	if (newest - attached->looked >= slots) /* overwritten before we looked */
		return true;
	for (uint64_t sequence = attached->looked + 1; sequence <= newest; sequence++) {
		struct pm_log_entry entry;
		bool found;

		if (guarded_log_read(&attached->pool, sequence, &entry, &found, NULL) != PM_OK)
			return false; /* lost: the act itself tells */
		if (found && of_the_pool(&entry))
			return true;
	}
	attached->looked = newest;
	return false;
}

static enum pm_code begin(const struct session *session, struct attached *attached, struct pm_error *err)
{
	struct pm_act act;
	enum pm_code code;

	if (!mapped_same(&attached->mapped)) {
		attached->gone = true;
		return pm_fail(err, PM_E_POOL_CHANGED, "pool %s was overwritten", attached->uuid);
	}
	if (session_outdated(attached)) {
		attached->stale = true;
		return pm_fail(err, PM_E_POOL_CHANGED, "pool %s was extended, renamed or repaired meanwhile",
			       attached->uuid);
	}
	session_act(session, &act);
	code = guarded_begin(&attached->pool, mapped_abandoned(&attached->mapped), &act, err);
	attached->changing = code == PM_OK;
	attached->gone = code != PM_OK;
	return code;
}

enum pm_code session_lock(const struct session *session, struct attached *attached, struct pm_error *err)
{
	enum pm_code code = session_writable(attached, err);

	if (code == PM_OK)
		code = mapped_lock(&attached->mapped, err);
	if (code != PM_OK)
		return code;
	code = begin(session, attached, err);
	if (code != PM_OK)
		session_unlock(attached);
	return code;
}

enum pm_code session_lock_with(const struct session *session, struct attached *attached, struct pm_region *joining,
			       struct pm_error *err)
{
	enum pm_code code;

	attached->mapped.joining = joining;
	code = session_lock(session, attached, err);
	if (code != PM_OK)
		attached->mapped.joining = NULL;
	return code;
}

void session_unlock(struct attached *attached)
{
	if (attached->changing)
		guarded_end(&attached->pool);
	/* What a lost mapping left half done is taken back by the next attach. */
	if (attached->changing && attached->pool.torn)
		attached->gone = true;
	attached->changing = false;
	mapped_unlock(&attached->mapped);
	attached->mapped.joining = NULL;
}
