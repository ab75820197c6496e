/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One of the two states that are compared: a snapshot, or the pool as it is now. */
#ifndef PMPOOL_COMPARE_SIDE_H
#define PMPOOL_COMPARE_SIDE_H

#include "compare_windows.h"
#include "pmpool/snapshot.h"

struct pm_compared {
	struct pm_snapshot *snapshot; /* NULL: the pool now */
	const struct pm_pool *pool; /* the books of either */
	const char *name;
	bool all; /* holds free pages too */
	struct pm_error damage; /* the first that was met; code PM_OK: none. Of a file only */
	bool damaged; /* does not hold all that its books tell of */
	uint64_t *allocated; /* a bit for each pool page whose content belongs to an allocation */
	uint64_t *counts; /* of the pool now: a bit for each page that it holds; NULL of a snapshot */
	uint64_t pages; /* held */
	uint64_t words; /* of each bitmap */
};

/* `all`: the pool now holds free pages too, as the snapshot beside it does. */
enum pm_code pm_compared_open(struct pm_compared *side, const struct pm_side *given, bool all, struct pm_error *err);
void pm_compared_close(struct pm_compared *side);
bool pm_side_all(const struct pm_side *given);

static inline bool pm_bit(const uint64_t *map, uint64_t words, uint64_t page)
{
	return page / 64 < words && map[page / 64] >> page % 64 & 1;
}
static inline bool pm_compared_allocated(const struct pm_compared *side, uint64_t page)
{
	return pm_bit(side->allocated, side->words, page);
}

/* The next window at or after *window of which the side holds a page, or should hold one. */
bool pm_compared_next(const struct pm_compared *side, uint64_t *window);

/* What a side has of a window. */
struct pm_compared_window {
	struct pm_window *window; /* held and digests */
	bool lost[PM_WINDOW_PAGES]; /* should be held, but cannot be read */
	struct pm_error damage; /* of the file, here */
};
enum pm_code pm_compared_window(const struct pm_compared *side, uint64_t number, struct pm_compared_window *to,
				struct pm_error *err);
/* Keep what was met in a window; not for several threads at once. */
void pm_compared_damage(struct pm_compared *side, const struct pm_compared_window *window);
/* The region of the window is one of the pool's, but not there. */
bool pm_compared_missing(const struct pm_compared *side, uint64_t number);

#endif
