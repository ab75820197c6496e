/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * First phase of a snapshot or an expectation: the pool's metadata as it is at one moment. The caller holds the
 * region's lock; afterwards pages can be read at leisure.
 */
#ifndef PMPOOL_COPY_H
#define PMPOOL_COPY_H

#include "pmpool/core.h"

enum { PM_COPY_STATES, PM_COPY_RECORDS, PM_COPY_LOG, PM_COPY_SECTIONS };

struct pm_copy {
	struct pm_superblock sb;
	struct {
		uint8_t *data;
		uint64_t bytes;
	} sections[PM_COPY_SECTIONS];
	uint64_t allocated; /* pages */
	uint64_t log_sequence;
};

/* pm_copy_free is due after any result. */
enum pm_code pm_copy_take(const struct pm_pool *pool, struct pm_copy *copy, struct pm_error *err);
void pm_copy_free(struct pm_copy *copy);

/* The next allocated pages at or after `from` that follow each other, at most PM_GROUP_PAGES; false at the end. */
bool pm_copy_run(const struct pm_copy *copy, uint64_t from, uint64_t *first, uint32_t *count);

#endif
