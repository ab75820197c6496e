/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The regions of one pool, mapped and locked together: the main thread's for a session, a worker thread's for itself
 * (mappings and locks are not shared between threads).
 */
#ifndef PMPOOL_HELPER_MAPPED_H
#define PMPOOL_HELPER_MAPPED_H

#include "places.h"

struct part {
	struct pm_region region; /* mapped from the pool's first byte in it */
	struct pm_superblock sb; /* as it was found */
};

struct mapped {
	struct part *parts; /* by the index of their regions in the pool */
	struct pm_region **by_lock; /* while locked: into parts, and joining */
	struct pm_region *joining; /* one that is to become a part: locked together with them. NULL: none */
	size_t count, lock_count;
	bool locked;
};

/* Add a region; parts move. REGION_MOVED when the region has no room for what the superblock says. mapped_close is
 * due after any result. */
enum pm_code mapped_add(struct mapped *mapped, const struct pm_host *host, const struct place *place, bool writable,
			struct pm_error *err);
void mapped_close(struct mapped *mapped); /* locks go with it, the marks of dead holders stay */

/* The part that holds the region with this UUID; NULL: none. */
const struct part *mapped_part(const struct mapped *mapped, const uint8_t region_uuid[16]);

/* The locks of all regions. */
enum pm_code mapped_lock(struct mapped *mapped, struct pm_error *err);
void mapped_unlock(struct mapped *mapped);
bool mapped_abandoned(const struct mapped *mapped); /* a holder before died in the middle */

/* Does each region still hold what was found there. */
bool mapped_same(const struct mapped *mapped);

/* Attach the pool of these regions, read-only where the flags or the mapping want it; the caller holds the locks. */
enum pm_code mapped_attach(const struct mapped *mapped, struct pm_pool *pool, unsigned flags, const struct pm_act *act,
			   struct pm_error *err);
/* How core sees an open region with a pool's part of `bytes` bytes. */
struct pm_mapping mapping_of(const struct pm_region *region, uint64_t bytes);

#endif
