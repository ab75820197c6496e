/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the event log knows of unnamed allocations: the newest entry of each page, and the order of the boots. */
#ifndef PMPOOL_HELPER_AUDIT_LOG_H
#define PMPOOL_HELPER_AUDIT_LOG_H

#include "guarded.h"

struct log_index {
	struct pm_log_entry *entries; /* ALLOCATE and FREE, by page; of each page the newest first */
	size_t count;
	uint64_t boot_first; /* sequence of the first entry of the boot asked for; UINT64_MAX: it has none */
	size_t next; /* pages are looked up ascending */
};

enum pm_code log_index_make(struct log_index *index, const struct pm_pool *pool, const uint8_t boot_id[16],
			    struct pm_error *err);
void log_index_free(struct log_index *index);
/* The entry that tells how this run was allocated, NULL when the log does not reach back to it. */
const struct pm_log_entry *log_index_find(struct log_index *index, uint64_t page, uint64_t pages);

#endif
