/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The last few windows of a file, with bytes: who looks at a page looks at its neighbours, too. Of one thread. */
#ifndef PMPOOL_COMPARE_CACHE_H
#define PMPOOL_COMPARE_CACHE_H

#include "pmpool/snapshot.h"

enum { PM_CACHED_WINDOWS = 4 };
struct pm_cache {
	struct pm_snapshot *file;
	uint64_t clock;
	struct pm_cached {
		struct pm_window *window; /* NULL: not taken yet */
		uint64_t number;
		uint64_t used; /* clock at the last use; 0: holds nothing */
	} entries[PM_CACHED_WINDOWS];
};

/* The window of a page; NULL when the file does not hold it or it cannot be read. Valid until the next call. */
const struct pm_window *pm_cache_window(struct pm_cache *cache, uint64_t page);
/* The bytes of a page; false when the file does not hold them. */
bool pm_cache_bytes(struct pm_cache *cache, uint64_t page, uint8_t *bytes);
void pm_cache_free(struct pm_cache *cache);

#endif
