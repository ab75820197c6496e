/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A session: one host, and the pools that stay attached while a client is connected (or a command runs).
 * The main thread's alone: a worker thread maps what it reads for itself.
 */
#ifndef PMPOOL_HELPER_SESSION_H
#define PMPOOL_HELPER_SESSION_H

#include "host/uuid.h"
#include "mapped.h"
#include <pmpool/host.h>
#include <sys/types.h>

/* A region that names the pool in its superblock, or one that the pool names. */
struct claim {
	struct place place;
	bool contends; /* another region says that it is the same one, and stands in its place */
	struct pm_error refused; /* why it is not mapped; code PM_OK when it is */
};

struct attached {
	struct attached *next;
	struct claim *claims; /* of the pool's places when it was attached, mapped or not */
	size_t claim_count;
	struct mapped mapped; /* parts[0]: the region with the lowest index that is there */
	struct pm_pool pool;
	bool open; /* the pool is attached; else mapped and pool are empty, and it is only remembered */
	bool changing; /* from pm_pool_begin to pm_pool_end */
	char uuid[PM_UUID_TEXT];
	bool contested; /* two regions say that they are the same one of the pool: one of them is not mapped */
	bool gone; /* what stands there by now is not what we attached: let go of by the next request */
	bool stale; /* the pool itself changed: attached anew by the next request */
	uint64_t looked; /* sequence up to which the log tells of no change of the pool itself */
	uint64_t notified; /* sequence the client knows of */
	uint64_t notified_at_ms; /* CLOCK_MONOTONIC */
};

struct session {
	struct pm_host host;
	uid_t uid; /* for whom we act */
	char user[64];
	struct attached *pools;
	struct held_file *held; /* held_file.h; NULL: none */
};

enum pm_code session_open(struct session *session, const char *simulate, uint64_t region_bytes, struct pm_error *err);
void session_close(struct session *session);
void session_act_for(struct session *session, uid_t uid);

/* Now, this boot, this user. A boot id that cannot be read stays zero. */
void session_act(const struct session *session, struct pm_act *act);

/* The pool with this UUID, attached; stays so for the session. */
enum pm_code session_pool(struct session *session, const char *uuid, struct attached **pool, struct pm_error *err);
/* The same of the pool whose `count` places are `places` (places_together). */
enum pm_code session_attach(struct session *session, const struct place *places, size_t count, struct attached **pool,
			    struct pm_error *err);
/* A region is missing or wrong. */
bool session_degraded(const struct attached *attached);
/* May it be changed: PM_OK, POOL_DEGRADED with the region and what is wrong with it, or POOL_READ_ONLY. */
enum pm_code session_writable(const struct attached *attached, struct pm_error *err);
/* Around every change: the locks of all its regions, and pm_pool_begin to pm_pool_end. What a dead holder left is
 * taken back; a pool that was made anew since we looked is POOL_CHANGED. Refuses what session_writable refuses. */
enum pm_code session_lock(const struct session *session, struct attached *attached, struct pm_error *err);
/* The same with the lock of one region more, open and about to join the pool. */
enum pm_code session_lock_with(const struct session *session, struct attached *attached, struct pm_region *joining,
			       struct pm_error *err);
void session_unlock(struct attached *attached);
/* The UUID of a pool given by UUID or name; INVALID_PARAMS when two pools share the name. */
enum pm_code session_pool_named(struct session *session, const char *text, char uuid[PM_UUID_TEXT],
				struct pm_error *err);

/* Did another process change the pool itself (extended, renamed, repaired) since it was attached. */
bool session_outdated(struct attached *attached);
/* What is wrong with the region with this index: code PM_OK when nothing is. */
struct pm_error session_region_state(const struct attached *attached, uint32_t index);
/* Let go of its mapping, keep what the client knows: the next request attaches it anew. For after an act that made
 * the pool another one (a region joined it). */
void session_renew(struct attached *attached);

uint64_t monotonic_ms(void);

#endif
