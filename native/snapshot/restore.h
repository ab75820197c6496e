/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pages of a snapshot back into a mapping: written where they differ, flushed, read back and held against their digest. */
#ifndef PMPOOL_RESTORE_H
#define PMPOOL_RESTORE_H

#include "pmpool/snapshot.h"

struct pm_write_back {
	uint8_t *to;
	const uint8_t *const *pages; /* NULL: left alone */
	const uint8_t *const *digests; /* of the pages that are known; NULL, or an entry NULL: held against the page */
	uint32_t count; /* pages that follow each other */
	/* the answer */
	uint64_t written, unchanged;
	uint32_t failed; /* page that does not read back as written; count: none */
};

/* Inside pm_region_guarded. RESTORE_FAILED names the pool page `first` + failed. */
enum pm_code pm_write_back(struct pm_write_back *back, uint64_t first, struct pm_error *err);

/* The file and those it builds on are what they were written as, as far as an open file tells: FILE_CORRUPT,
 * FILE_TRUNCATED. */
enum pm_code pm_restore_whole(const struct pm_snapshot *snapshot, struct pm_error *err);
/* SNAPSHOT_FOREIGN when the two are of different pools. */
enum pm_code pm_restore_same_pool(const struct pm_snapshot *snapshot, const uint8_t pool_uuid[16],
				  struct pm_error *err);

#endif
