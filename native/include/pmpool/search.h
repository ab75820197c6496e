/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Looking for bytes in the memory of a pool. */
#ifndef PMPOOL_SEARCH_H
#define PMPOOL_SEARCH_H

#include "core.h"
#include "task.h"
#include <stddef.h>

#define PM_NEEDLE_BYTES 4096u

/* Offsets are bytes of the pool: page * 4096 + byte in the page. */
struct pm_search {
	const struct pm_pool *pool; /* attached; read inside pm_region_guarded and without its locks */
	/* The next bytes at or after `from`, of a region of the pool and counted from its first, that may be other than
	 * zero: [*first, *end), both the region's size when there are none. Nothing else of it is touched. NULL: all may be. */
	void (*next_data)(void *context, uint32_t region_index, uint64_t from, uint64_t *first, uint64_t *end);
	void *context;
	const uint8_t *bytes, *mask; /* mask NULL: every bit counts; else only those that are 1 */
	size_t length; /* of both, 1 to PM_NEEDLE_BYTES */
	bool ignore_case; /* ASCII letters fit in either case */
	bool allocated_only; /* whole inside one allocation */
	uint64_t from, to; /* matches lie in [from, to) as a whole; to at most page_end * 4096 */
	uint64_t align; /* matches start at multiples of it; at least 1 */
	size_t limit; /* at least 1 */
	struct pm_task *task; /* may be NULL */
};

struct pm_search_result {
	uint64_t *hits; /* ascending; they may overlap. The caller's to free, after any result */
	size_t count;
	bool more; /* there is one beyond the limit */
	uint64_t searched; /* bytes of regions or allocations that were gone through */
};

/* A match may cross the seam of two regions that follow each other, but no gap. REGION_LOST, CANCELLED, OUT_OF_MEMORY. */
enum pm_code pm_search_run(const struct pm_search *search, struct pm_search_result *result, struct pm_error *err);

#endif
