/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * First phase of a snapshot or an expectation: the pool's metadata as it is at one moment. The caller holds the locks
 * of its regions; afterwards pages can be read at leisure.
 */
#ifndef PMPOOL_COPY_H
#define PMPOOL_COPY_H

#include "container.h"
#include "pmpool/core.h"

struct pm_span { /* pool pages [first, end) of one region */
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
	bool all; /* every page that could be allocated is held, else the allocated ones */
	struct pm_span
		*spans; /* whose content belongs to allocations: neither metadata nor the directory's own; ascending */
	size_t span_count;
	struct pm_span *books; /* the other pages of the regions, ascending */
	size_t book_count;
	uint64_t held; /* pages */
	uint64_t log_sequence;
};

/* pm_copy_free is due after any result. */
enum pm_code pm_copy_take(const struct pm_pool *pool, bool all, struct pm_copy *copy, struct pm_error *err);
void pm_copy_free(struct pm_copy *copy);

/* A window and what is held of it. */
struct pm_held_window {
	uint64_t first; /* pool page, a multiple of PM_GROUP_PAGES */
	uint32_t count; /* to the end of the window, or of its region */
	uint32_t region; /* index in copy->regions */
	uint64_t held[PM_GROUP_PAGES / 64]; /* bit i % 64 of word i / 64: page first + i */
};
/* The first window at or after this one (a number: pool page / PM_GROUP_PAGES) that has held pages. */
bool pm_copy_next(const struct pm_copy *copy, uint64_t window, struct pm_held_window *found);
/* This window; false when nothing of it is held. */
bool pm_copy_window(const struct pm_copy *copy, uint64_t window, struct pm_held_window *found);

#endif
