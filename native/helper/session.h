/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A session: one host, and the pools that stay attached while a client is connected (or a command runs).
 * The main thread's alone: a worker thread maps what it reads for itself.
 */
#ifndef PMPOOL_HELPER_SESSION_H
#define PMPOOL_HELPER_SESSION_H

#include "host/uuid.h"
#include <pmpool/core.h>
#include <pmpool/host.h>
#include <pmpool/region.h>
#include <sys/types.h>

struct attached {
	struct attached *next;
	struct pm_region region; /* the pool's part of it */
	struct pm_pool pool;
	char uuid[PM_UUID_TEXT];
	bool gone; /* what stands there by now is not what we attached: let go of by the next request */
	uint64_t notified; /* sequence the client knows of */
	uint64_t notified_at_ms; /* CLOCK_MONOTONIC */
};

struct session {
	struct pm_host host;
	uid_t uid; /* for whom we act */
	char user[64];
	struct attached *pools;
};

enum pm_code session_open(struct session *session, const char *simulate, uint64_t region_bytes, struct pm_error *err);
void session_close(struct session *session);
void session_act_for(struct session *session, uid_t uid);

/* Now, this boot, this user. A boot id that cannot be read stays zero. */
void session_act(const struct session *session, struct pm_act *act);

/* A pool on the host, as its superblock says. */
struct place {
	struct pm_region_info region;
	uint64_t offset;
	struct pm_superblock sb;
};
/* Every pool that a region which may be opened holds. *list is malloc'd. */
enum pm_code session_places(const struct session *session, struct place **list, size_t *count, struct pm_error *err);
/* The same for one region. */
enum pm_code region_places(const struct session *session, const struct pm_region_info *info, struct place **list,
			   size_t *count, struct pm_error *err);

/* The pool with this UUID, attached; stays so for the session. */
enum pm_code session_pool(struct session *session, const char *uuid, struct attached **pool, struct pm_error *err);
enum pm_code session_attach(struct session *session, const struct place *place, struct attached **pool,
			    struct pm_error *err);
/* The region's lock, around every change. Under it a pool that a dead holder left is attached afresh, and one that was
 * made anew since we looked is POOL_CHANGED. */
enum pm_code session_lock(const struct session *session, struct attached *attached, struct pm_error *err);
void session_unlock(struct attached *attached);
/* The UUID of a pool given by UUID or name; POOL_NOT_FOUND also when two pools share the name. */
enum pm_code session_pool_named(struct session *session, const char *text, char uuid[PM_UUID_TEXT],
				struct pm_error *err);

uint64_t monotonic_ms(void);

#endif
