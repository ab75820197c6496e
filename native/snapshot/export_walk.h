/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All that a snapshot holds of its regions, metadata included, in the order of physical addresses: what another form of
 * it, and a whole pool put back, are made of.
 */
#ifndef PMPOOL_EXPORT_WALK_H
#define PMPOOL_EXPORT_WALK_H

#include "meter.h"
#include "pmpool/snapshot.h"

struct pm_walk_span { /* pool pages */
	uint64_t first, end;
};

struct pm_walk {
	struct pm_snapshot *snapshot;
	const struct pm_pool *pool; /* the snapshot's own: its metadata stands there */
	struct pm_superblock *regions; /* by physical address */
	size_t region_count;
	struct pm_walk_span *metadata; /* ascending, not touching each other across regions */
	size_t metadata_count;
	struct pm_window *window;
	uint64_t lost; /* pages that damage took: of windows that cannot be read */
};

/* A window's worth of one region. pages[i] is NULL where the snapshot holds no such page; pm_walk_zeros where it is
 * known to be all zero, or when bytes were not asked for. digests[i] is NULL for metadata. */
struct pm_walk_part {
	const struct pm_superblock *region;
	uint64_t first; /* pool page */
	uint32_t count;
	const uint8_t *pages[PM_WINDOW_PAGES];
	const uint8_t *digests[PM_WINDOW_PAGES];
	uint32_t present; /* how many are not NULL */
};
extern const uint8_t pm_walk_zeros[PM_PAGE_SIZE];

/* pm_walk_close is due after any result. INVALID_PARAMS for an expectation. */
enum pm_code pm_walk_open(struct pm_walk *walk, struct pm_snapshot *snapshot, struct pm_error *err);
void pm_walk_close(struct pm_walk *walk);

typedef enum pm_code (*pm_walk_visit)(void *context, const struct pm_walk_part *part, struct pm_error *err);
/* Calls visit for each part that holds a page. Windows that are damaged are counted in walk->lost and left out; a
 * missing parent ends it. The meter steps by what is visited, 4096 bytes a page. */
enum pm_code pm_walk_all(struct pm_walk *walk, bool bytes, struct pm_meter *meter, pm_walk_visit visit, void *context,
			 struct pm_error *err);
/* What pm_walk_all steps the meter by. */
uint64_t pm_walk_bytes(const struct pm_walk *walk);

/* After a walk that lost pages: FILE_CORRUPT with their number, else PM_OK. */
enum pm_code pm_walk_whole(const struct pm_walk *walk, struct pm_error *err);

#endif
