/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Attaching a pool: all of its regions that are there, and what is wrong with the others. */
#include "guarded.h"
#include "session.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

void session_renew(struct attached *attached)
{
	if (attached->open)
		guarded_detach(&attached->pool);
	mapped_close(&attached->mapped);
	free(attached->claims);
	attached->claims = NULL;
	attached->claim_count = 0;
	memset(&attached->pool, 0, sizeof(attached->pool));
	attached->open = attached->stale = attached->contested = attached->changing = false;
}

/* A pool that somebody overwrote must not be taken for the one we attached. */
static void drop_stale(struct session *session)
{
	for (struct attached **at = &session->pools; *at;) {
		struct attached *attached = *at;

		if (attached->gone || (attached->open && !mapped_same(&attached->mapped))) {
			*at = attached->next;
			session_renew(attached);
			free(attached);
			continue;
		}
		if (attached->open && (attached->stale || session_outdated(attached)))
			session_renew(attached);
		at = &attached->next;
	}
}

static struct attached *find_attached(struct session *session, const char *uuid)
{
	for (struct attached *attached = session->pools; attached; attached = attached->next)
		if (strcmp(attached->uuid, uuid) == 0)
			return attached;
	return NULL;
}

static struct claim *add_claim(struct attached *attached, const struct place *place)
{
	struct claim *claims = realloc(attached->claims, (attached->claim_count + 1) * sizeof(*claims));

	if (!claims)
		return NULL;
	attached->claims = claims;
	claims[attached->claim_count] = (struct claim){.place = *place};
	return &claims[attached->claim_count++];
}

/* Never guess which of two is the right one: the one that came first is read, none is written. */
static bool contested(const struct attached *attached, const struct place *place, struct pm_error *refused)
{
	for (size_t i = 0; i < attached->mapped.count; i++) {
		const struct part *part = &attached->mapped.parts[i];
		bool same = memcmp(part->sb.region_uuid, place->sb.region_uuid, sizeof(part->sb.region_uuid)) == 0;

		if (!same && part->sb.region_index != place->sb.region_index)
			continue;
		pm_fail(refused, same && !place_right(place) ? PM_E_REGION_MOVED : PM_E_POOL_FOREIGN,
			"0x%" PRIx64 " and 0x%" PRIx64 " both say that they are region %" PRIu32 " of the pool",
			part->region.info.base + part->region.offset, place_base(place), place->sb.region_index);
		return true;
	}
	return false;
}

static enum pm_code map_claims(const struct session *session, struct attached *attached, const struct place *places,
			       size_t count, struct pm_error *err)
{
	enum pm_code first = PM_OK;

	for (size_t i = 0; i < count; i++) {
		struct claim *claim = add_claim(attached, &places[i]);
		enum pm_code code;

		if (!claim)
			return pm_fail(err, PM_E_OUT_OF_MEMORY, "no memory to attach pool %s", attached->uuid);
		if (contested(attached, &places[i], &claim->refused)) {
			attached->contested = claim->contends = true;
			continue;
		}
		code = mapped_add(&attached->mapped, &session->host, &places[i], true, &claim->refused);
		if (code == PM_E_OUT_OF_MEMORY)
			return pm_fail(err, code, "%s", claim->refused.message);
		if (code != PM_OK && first == PM_OK)
			first = pm_fail(err, code, "%s", claim->refused.message);
	}
	return attached->mapped.count > 0 ? PM_OK : first;
}

/* What stands where the pool says that its missing region is. */
static void look_at_missing(const struct session *session, const struct pm_member_info *info, struct claim *claim)
{
	struct pm_region_info *list = NULL;
	struct pm_superblock sb;
	struct pm_region region;
	size_t count = 0, i = 0;
	uint64_t at = info->physical_base;

	claim->place.sb.physical_base = at;
	pm_fail(&claim->refused, PM_E_REGION_MISSING, "no region of this host covers 0x%" PRIx64 "-0x%" PRIx64, at,
		at + info->bytes - 1);
	if (pm_region_list(&session->host, &list, &count, NULL) != PM_OK)
		return;
	while (i < count && (list[i].refused.code != PM_OK || at < list[i].base || at - list[i].base >= list[i].bytes))
		i++;
	if (i < count &&
	    pm_region_open(&session->host, list[i].id, at - list[i].base, 0, false, &region, NULL) == PM_OK) {
		enum pm_code code = guarded_probe(&region, &sb, NULL);

		claim->place.region = list[i];
		claim->place.offset = at - list[i].base;
		if (code == PM_OK)
			pm_fail(&claim->refused, PM_E_POOL_FOREIGN, "something else stands at 0x%" PRIx64 " in %s", at,
				list[i].id);
		else if (code != PM_E_POOL_NOT_FOUND)
			pm_fail(&claim->refused, code, "0x%" PRIx64 " in %s: %s", at, list[i].id,
				pm_error_reason(code));
		else
			pm_fail(&claim->refused, PM_E_REGION_MISSING, "no superblock stands at 0x%" PRIx64 " in %s", at,
				list[i].id);
		pm_region_close(&region);
	}
	free(list);
}

static bool claimed(const struct attached *attached, const struct pm_member_info *info)
{
	for (size_t i = 0; i < attached->claim_count; i++)
		if (attached->claims[i].place.sb.region_index == info->index)
			return true;
	return false;
}

/* Regions that the pool names and nothing on the host claims to be. */
static enum pm_code add_missing(const struct session *session, struct attached *attached, struct pm_error *err)
{
	for (uint32_t i = 0; i < attached->pool.region_count; i++) {
		const struct pm_member_info *info = &attached->pool.infos[i];
		struct place place = {.sb = {.region_index = i}};
		struct claim *claim;

		if (info->present || info->bytes == 0 || claimed(attached, info))
			continue;
		memcpy(place.sb.region_uuid, info->region_uuid, sizeof(place.sb.region_uuid));
		claim = add_claim(attached, &place);
		if (!claim)
			return pm_fail(err, PM_E_OUT_OF_MEMORY, "no memory to attach pool %s", attached->uuid);
		look_at_missing(session, info, claim);
	}
	return PM_OK;
}

static enum pm_code attach_mapped(const struct session *session, struct attached *attached, struct pm_error *err)
{
	struct pm_act act;
	enum pm_code code = mapped_lock(&attached->mapped, err);

	if (code != PM_OK)
		return code;
	session_act(session, &act);
	code = mapped_attach(&attached->mapped, &attached->pool, attached->contested ? PM_ATTACH_READ_ONLY : 0, &act,
			     err);
	attached->open = code == PM_OK;
	mapped_unlock(&attached->mapped);
	return code == PM_OK ? add_missing(session, attached, err) : code;
}

/* The places are those that it was attached by: nothing came, went or moved. */
static bool same_places(const struct attached *attached, const struct place *places, size_t count)
{
	size_t found = 0;

	for (size_t i = 0; i < attached->claim_count; i++)
		for (size_t j = 0; j < count; j++)
			found += place_base(&attached->claims[i].place) == place_base(&places[j]) &&
				 attached->claims[i].place.sb.region_bytes == places[j].sb.region_bytes;
	return found == count;
}

enum pm_code session_attach(struct session *session, const struct place *places, size_t count, struct attached **pool,
			    struct pm_error *err)
{
	char uuid[PM_UUID_TEXT];
	struct attached *attached;
	enum pm_code code;
	bool known;

	pm_uuid_format(places->sb.pool_uuid, uuid);
	drop_stale(session);
	attached = find_attached(session, uuid);
	known = attached != NULL;
	if (known && attached->open && !same_places(attached, places, count))
		session_renew(attached);
	*pool = attached;
	if (known && attached->open)
		return PM_OK;
	if (!known)
		attached = calloc(1, sizeof(*attached));
	if (!attached)
		return pm_fail(err, PM_E_OUT_OF_MEMORY, "no memory to attach pool %s", uuid);
	memcpy(attached->uuid, uuid, sizeof(uuid));
	code = map_claims(session, attached, places, count, err);
	if (code == PM_OK)
		code = attach_mapped(session, attached, err);
	if (code != PM_OK) {
		session_renew(attached);
		if (!known)
			free(attached);
		return code;
	}
	attached->looked = guarded_log_sequence(&attached->pool);
	if (!known) {
		attached->notified = attached->looked;
		attached->next = session->pools;
		session->pools = attached;
	}
	*pool = attached;
	return PM_OK;
}

enum pm_code session_pool(struct session *session, const char *uuid, struct attached **pool, struct pm_error *err)
{
	struct place *places = NULL;
	size_t count = 0, together;
	enum pm_code code;

	drop_stale(session);
	*pool = find_attached(session, uuid);
	if (*pool && (*pool)->open)
		return PM_OK;
	code = session_places(session, &places, &count, err);
	if (code != PM_OK)
		return code;
	code = PM_E_POOL_NOT_FOUND;
	for (size_t i = 0; i < count && code == PM_E_POOL_NOT_FOUND; i += together) {
		char found[PM_UUID_TEXT];

		together = places_together(&places[i], count - i);
		pm_uuid_format(places[i].sb.pool_uuid, found);
		if (strcmp(found, uuid) == 0)
			code = session_attach(session, &places[i], together, pool, err);
	}
	free(places);
	if (code == PM_E_POOL_NOT_FOUND)
		code = place_refused(session, uuid, err);
	if (code == PM_E_POOL_NOT_FOUND)
		return pm_fail(err, code, "no pool %s on this host", uuid);
	return code;
}
