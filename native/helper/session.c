/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session.h"
#include "guarded.h"
#include <pwd.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

uint64_t monotonic_ms(void)
{
	return clock_ns(CLOCK_MONOTONIC) / 1000000;
}

enum pm_code session_open(struct session *session, const char *simulate, uint64_t region_bytes, struct pm_error *err)
{
	memset(session, 0, sizeof(*session));
	session_act_for(session, getuid());
	return pm_host_open(&session->host, simulate, region_bytes, err);
}

void session_act_for(struct session *session, uid_t uid)
{
	const struct passwd *entry = getpwuid(uid);

	session->uid = uid;
	if (entry && entry->pw_name[0])
		snprintf(session->user, sizeof(session->user), "%s", entry->pw_name);
	else
		snprintf(session->user, sizeof(session->user), "uid %u", (unsigned)uid);
}

static void attached_free(struct attached *attached)
{
	pm_region_close(&attached->region);
	free(attached);
}

void session_close(struct session *session)
{
	while (session->pools) {
		struct attached *next = session->pools->next;

		attached_free(session->pools);
		session->pools = next;
	}
}

void session_act(const struct session *session, struct pm_act *act)
{
	memset(act, 0, sizeof(*act));
	act->time_ns = clock_ns(CLOCK_REALTIME);
	if (pm_host_boot_id(&session->host, act->boot_id, NULL) != PM_OK)
		memset(act->boot_id, 0, sizeof(act->boot_id));
	snprintf(act->actor, sizeof(act->actor), "%.*s", (int)sizeof(act->actor) - 1, session->user);
}

/* A pool that somebody overwrote must not be taken for the one we attached. */
static bool still_there(const struct attached *attached)
{
	struct pm_superblock sb;

	return !attached->gone && pm_region_copy(&sb, attached->region.map, sizeof(sb), NULL) == PM_OK &&
	       memcmp(sb.magic, PM_MAGIC, sizeof(sb.magic)) == 0 &&
	       memcmp(sb.pool_uuid, attached->pool.sb.pool_uuid, sizeof(sb.pool_uuid)) == 0;
}

static void drop_stale(struct session *session)
{
	for (struct attached **at = &session->pools; *at;) {
		struct attached *attached = *at;

		if (!still_there(attached)) {
			*at = attached->next;
			attached_free(attached);
		} else {
			at = &attached->next;
		}
	}
}

static struct attached *find_attached(struct session *session, const char *uuid)
{
	drop_stale(session);
	for (struct attached *attached = session->pools; attached; attached = attached->next)
		if (strcmp(attached->uuid, uuid) == 0)
			return attached;
	return NULL;
}

/* Under the lock. */
static enum pm_code attach_afresh(const struct session *session, struct attached *attached, struct pm_error *err)
{
	struct pm_act act;

	if (attached->pool.base && !still_there(attached))
		return pm_fail(err, PM_E_POOL_CHANGED, "pool %s was overwritten", attached->uuid);
	if (attached->pool.base && !attached->region.abandoned)
		return PM_OK;
	/* the first time, or the holder before died: take back what it left */
	session_act(session, &act);
	return guarded_attach(&attached->pool, &attached->region, &act, err);
}

enum pm_code session_lock(const struct session *session, struct attached *attached, struct pm_error *err)
{
	enum pm_code code = pm_region_lock(&attached->region, err);

	if (code != PM_OK)
		return code;
	code = attach_afresh(session, attached, err);
	if (code != PM_OK) {
		attached->gone = true;
		session_unlock(attached);
	}
	return code;
}

void session_unlock(struct attached *attached)
{
	pm_region_unlock(&attached->region);
}

enum pm_code session_attach(struct session *session, const struct place *place, struct attached **pool,
			    struct pm_error *err)
{
	char uuid[PM_UUID_TEXT];
	struct attached *attached;
	enum pm_code code;

	pm_uuid_format(place->sb.pool_uuid, uuid);
	*pool = find_attached(session, uuid);
	if (*pool)
		return PM_OK;
	attached = calloc(1, sizeof(*attached));
	if (!attached)
		return pm_fail(err, PM_E_OUT_OF_MEMORY, "no memory to attach pool %s", uuid);
	memcpy(attached->uuid, uuid, sizeof(uuid));
	if (place->sb.region_bytes > place->region.bytes - place->offset)
		code = pm_fail(err, PM_E_REGION_MOVED,
			       "pool %s was made with %" PRIu64 " bytes; %" PRIu64 " are left of it in %s", uuid,
			       place->sb.region_bytes, place->region.bytes - place->offset, place->region.id);
	else
		code = pm_region_open(&session->host, place->region.id, place->offset, place->sb.region_bytes, true,
				      &attached->region, err);
	if (code != PM_OK) {
		free(attached);
		return code;
	}
	code = session_lock(session, attached, err);
	if (code != PM_OK) {
		attached_free(attached);
		return code;
	}
	session_unlock(attached);
	attached->notified = guarded_log_sequence(&attached->pool);
	attached->next = session->pools;
	session->pools = attached;
	*pool = attached;
	return PM_OK;
}

enum pm_code session_pool(struct session *session, const char *uuid, struct attached **pool, struct pm_error *err)
{
	struct place *places = NULL;
	size_t count = 0;
	enum pm_code code;

	*pool = find_attached(session, uuid);
	if (*pool)
		return PM_OK;
	code = session_places(session, &places, &count, err);
	if (code != PM_OK)
		return code;
	code = PM_E_POOL_NOT_FOUND;
	for (size_t i = 0; i < count && code == PM_E_POOL_NOT_FOUND; i++) {
		char found[PM_UUID_TEXT];

		pm_uuid_format(places[i].sb.pool_uuid, found);
		if (strcmp(found, uuid) == 0)
			code = session_attach(session, &places[i], pool, err);
	}
	free(places);
	if (code == PM_E_POOL_NOT_FOUND)
		return pm_fail(err, code, "no pool %s on this host", uuid);
	return code;
}

enum pm_code session_pool_named(struct session *session, const char *text, char uuid[PM_UUID_TEXT],
				struct pm_error *err)
{
	struct place *places = NULL;
	size_t count = 0, matches = 0;
	uint8_t binary[16];
	enum pm_code code;

	if (pm_uuid_parse(text, binary)) {
		memcpy(uuid, text, PM_UUID_TEXT);
		return PM_OK;
	}
	code = session_places(session, &places, &count, err);
	if (code != PM_OK)
		return code;
	for (size_t i = 0; i < count; i++) {
		if (strncmp(places[i].sb.pool_name, text, sizeof(places[i].sb.pool_name)) != 0)
			continue;
		pm_uuid_format(places[i].sb.pool_uuid, uuid);
		matches++;
	}
	free(places);
	if (matches == 1)
		return PM_OK;
	if (matches == 0)
		return pm_fail(err, PM_E_POOL_NOT_FOUND, "no pool \"%s\" on this host", text);
	return pm_fail(err, PM_E_POOL_NOT_FOUND, "%zu pools are named \"%s\": give the UUID", matches, text);
}
