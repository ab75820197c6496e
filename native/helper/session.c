/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session.h"
#include "guarded.h"
#include "held_file.h"
#include <pwd.h>
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

void session_close(struct session *session)
{
	held_file_drop(session);
	while (session->pools) {
		struct attached *next = session->pools->next;

		session_renew(session->pools);
		free(session->pools);
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

enum pm_code session_pool_named(struct session *session, const char *text, char uuid[PM_UUID_TEXT],
				struct pm_error *err)
{
	struct place *places = NULL;
	size_t count = 0, together, matches = 0;
	uint8_t binary[16];
	enum pm_code code;

	if (pm_uuid_parse(text, binary)) {
		memcpy(uuid, text, PM_UUID_TEXT);
		return PM_OK;
	}
	code = session_places(session, &places, &count, err);
	if (code != PM_OK)
		return code;
	for (size_t i = 0; i < count; i += together) {
		const struct pm_superblock *sb;

		together = places_together(&places[i], count - i);
		sb = &places_first(&places[i], together)->sb;
		if (strncmp(sb->pool_name, text, sizeof(sb->pool_name)) != 0)
			continue;
		pm_uuid_format(sb->pool_uuid, uuid);
		matches++;
	}
	free(places);
	if (matches == 1)
		return PM_OK;
	code = matches == 0 ? place_refused(session, text, err) : PM_E_POOL_NOT_FOUND; /* or too many */
	if (code != PM_E_POOL_NOT_FOUND)
		return code;
	if (matches == 0)
		return pm_fail(err, PM_E_POOL_NOT_FOUND, "no pool \"%s\" on this host", text);
	return pm_fail(err, PM_E_INVALID_PARAMS,
		       "%zu pools are named \"%s\": give the UUID of one, as `pmpool pool list` shows it", matches,
		       text);
}
