/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * First phase of a snapshot or an expectation: the pool's metadata as it is at one moment. The caller holds the locks
 * of its regions; afterwards pages can be read at leisure.
 */
#ifndef PMPOOL_COPY_H
#define PMPOOL_COPY_H

#include "pmpool/core.h"

/* Pool pages [first, end) whose content belongs to allocations: neither metadata nor the directory's own. */
struct pm_span {
	uint64_t first, end;
};

struct pm_copied_record {
	uint32_t region_index;
	struct pm_record record;
};

struct pm_copy {
	struct pm_superblock *regions; /* of those that are there, by index */
	size_t region_count;
	uint64_t page_end;
	uint64_t *states; /* as they count, two bits for each pool page */
	uint64_t state_words;
	struct pm_copied_record *records; /* live, by region */
	size_t record_count;
	uint8_t *log;
	uint64_t log_bytes;
	struct pm_span *spans; /* ascending */
	size_t span_count;
	uint64_t allocated; /* pages, of spans */
	uint64_t log_sequence;
};

/* pm_copy_free is due after any result. */
enum pm_code pm_copy_take(const struct pm_pool *pool, struct pm_copy *copy, struct pm_error *err);
void pm_copy_free(struct pm_copy *copy);

/* The next allocated pages at or after `from` that follow each other in one region, at most PM_GROUP_PAGES; false at
 * the end. */
bool pm_copy_run(const struct pm_copy *copy, uint64_t from, uint64_t *first, uint32_t *count);

#endif
