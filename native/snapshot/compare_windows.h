/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers of windows, ascending: the items of a team. */
#ifndef PMPOOL_COMPARE_WINDOWS_H
#define PMPOOL_COMPARE_WINDOWS_H

#include "pmpool/snapshot.h"

struct pm_windows {
	uint64_t *list;
	size_t count, capacity;
};

/* All windows of which the file holds a page. pm_windows_free is due after any result. */
enum pm_code pm_windows_of(const struct pm_snapshot *file, struct pm_windows *windows, struct pm_error *err);
enum pm_code pm_windows_add(struct pm_windows *windows, uint64_t window, struct pm_error *err);
void pm_windows_free(struct pm_windows *windows);

#endif
